"""`nophoto retrain` in the foreground: from the command line to the version that judges."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from time import monotonic, sleep

import pytest

from nophoto.jobs.training.held_out_files import NAMED
from nophoto.models.records import runs
from nophoto.models.records.database import Database
from nophoto.models.records.runs import RunRow
from nophoto.models.records.tables import RunState
from nophoto.models.records.versions.model_versions import active
from nophoto.models.vision.versions import held_out_mistakes, open_version
from tests.jobs.conftest import Cli
from tests.object_store import Bucket

SMALL = {
    "dimension": 32,
    "hidden": 64,
    "placeholders_per_batch": 24,
    "negatives_per_batch": 24,
    "learning_rate": 0.003,
    "drawn": 120,
    "distractors": 20,
    "variants": 0,
    "reference_variants": 0,
    "hardened": 0,
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.network,
    pytest.mark.timeout(600),
    pytest.mark.usefixtures("lite0_weights"),
]


@pytest.fixture
def arguments(training_folder: Path, kept_activations: Path) -> Callable[..., list[str]]:
    """What `nophoto` is called with, to train so many steps."""

    def arguments(steps: int, held_out: Path = training_folder / "held") -> list[str]:
        fields = SMALL | {"steps": steps}
        return [
            "retrain",
            "--no-reviews",
            "--promote",
            "--target=0.01",
            f"--real={training_folder / 'real'}",
            f"--held-out={held_out}",
            f"--activations={kept_activations}",
            *(word for name, value in fields.items() for word in ("--set", f"{name}={value}")),
        ]

    return arguments


def newest(database: Database) -> RunRow | None:
    with database.reading() as session:
        return next(iter(runs.list_runs(session, limit=1)), None)


def judging(database: Database) -> str:
    with database.reading() as session:
        version = active(session)
    assert version is not None
    return version.id


def test_a_version_that_passes_the_gate_judges_when_its_training_ends(
    cli: Cli, upgraded: Database, arguments: Callable[..., list[str]], tmp_path: Path
) -> None:
    done = cli(*arguments(600), "--out", tmp_path / "copy")
    assert done.exit_code == 0, done.output
    run = newest(upgraded)
    assert run is not None
    assert run.state == RunState.DONE
    assert run.result is not None
    trained = run.result["model_version"]
    assert run.result["promoted"], run.result.get("not_promoted_because")
    assert judging(upgraded) == trained
    assert done.stdout.splitlines()[-1] == trained
    assert "judges now" in done.stderr
    assert (tmp_path / "copy" / trained / "card.md").is_file()
    mistakes = held_out_mistakes(open_version(tmp_path / "copy" / trained))
    named = run.result["held_out_files"]
    assert sorted(named) == sorted(mistake.digest for mistake in mistakes[:NAMED])
    for digest, file in named.items():
        assert sha256(Path(file).read_bytes()).hexdigest() == digest


def test_a_version_trained_on_one_host_judges_on_another_that_shares_a_bucket(
    cli: Cli,
    upgraded: Database,
    arguments: Callable[..., list[str]],
    bucket: Bucket,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NOPHOTO_DATABASE_URL", upgraded.engine.url.render_as_string())
    monkeypatch.setenv("NOPHOTO_VERSIONS", bucket.uri)
    monkeypatch.setenv("NOPHOTO_HOME", str(tmp_path / "trainer"))
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
    away = cli(*(word for word in arguments(100) if word != "--promote"))
    assert away.exit_code == 1
    assert "NOPHOTO_VERSIONS" in away.stderr
    run = newest(upgraded)
    assert run is not None
    assert (run.state, run.progress) == (RunState.FAILED, None)

    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", bucket.url)
    done = cli("retrain", "--resume", "--out", tmp_path / "copy")
    assert done.exit_code == 0, done.output
    trained = done.stdout.splitlines()[-1]
    assert bucket.keys == [".probe", f"{trained}.zip"]
    assert (tmp_path / "copy" / trained / "card.md").is_file()
    shutil.rmtree(tmp_path / "trainer")

    monkeypatch.setenv("NOPHOTO_HOME", str(tmp_path / "judge"))
    shown = cli("model", "show", trained)
    assert shown.exit_code == 0, shown.output
    assert cli("model", "promote", trained, "--force", "--reason", "a trial").exit_code == 0
    assert judging(upgraded) == trained


def test_ctrl_c_pauses_a_training_that_resume_ends_and_the_gate_stops(
    cli: Cli,
    upgraded: Database,
    training_folder: Path,
    arguments: Callable[..., list[str]],
    tmp_path: Path,
) -> None:
    # Too few to compare by: nothing that no comparison has shown to be as good judges.
    few = tmp_path / "few"
    for kind in ("real", "placeholder"):
        (few / kind).mkdir(parents=True)
        for file in sorted((training_folder / "held" / kind).iterdir())[:19]:
            (few / kind / file.name).hardlink_to(file)
    before = judging(upgraded)
    process = subprocess.Popen(
        [sys.executable, "-m", "nophoto.jobs.cli", *arguments(3000, few)],
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = monotonic() + 240
    while not (
        (run := newest(upgraded)) and str((run.progress or {}).get("stage", "")).startswith("head")
    ):
        assert monotonic() < deadline
        assert process.poll() is None, process.communicate()[1]
        sleep(0.1)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    paused = newest(upgraded)
    assert paused is not None
    assert paused.state == RunState.PAUSED

    done = cli("retrain", "--resume")
    assert done.exit_code == 0, done.output
    run = newest(upgraded)
    assert run is not None
    assert (run.id, run.state) == (paused.id, RunState.DONE)
    assert run.result is not None
    assert run.result["promoted"] is False
    assert "too few pictures to compare on" in done.stderr
    assert judging(upgraded) == before
    again = cli("retrain", "--resume")
    assert again.exit_code == 1
    assert "no retraining is open" in again.stderr
