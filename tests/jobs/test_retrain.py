"""`nophoto retrain` in the foreground: from the command line to the version that judges."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep

import pytest
from PIL import Image
from skimage import data

from models.records import runs
from models.records.database import Database
from models.records.model_versions import active
from models.records.runs import RunRow
from models.records.tables import RunState
from models.vision.backbones.weights import WeightsError, fetch
from models.vision.drawing import draw
from tests.jobs.conftest import Cli

SMALL = {
    "dimension": 32,
    "hidden": "[64]",
    "placeholders_per_batch": 24,
    "negatives_per_batch": 24,
    "learning_rate": 0.003,
    "drawn": 120,
    "distractors": 20,
    "variants": 0,
    "hardened": 0,
    "attempts": 1,
}

pytestmark = [pytest.mark.slow, pytest.mark.network, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photographs to learn and to measure with, and drawings; what is kept of them as well."""
    try:
        fetch("efficientnet-lite0")
    except WeightsError as error:
        pytest.skip(f"the weights cannot be fetched: {error}")
    folder = tmp_path_factory.mktemp("folders")
    for name in ("real", "held/real", "held/placeholder"):
        (folder / name).mkdir(parents=True)
    for name in ("astronaut", "chelsea", "coffee", "rocket"):
        image = Image.fromarray(getattr(data, name)())
        width, height = image.size
        for number in range(12):
            left, top = width * (number % 4) // 4, height * (number // 4) // 3
            part = image.crop((left, top, left + width // 4, top + height // 3))
            part.save(folder / ("real" if number % 2 else "held/real") / f"{name}-{number}.jpg")
    for seed in range(20):
        draw(9_000 + seed).image.save(folder / "held/placeholder" / f"{seed}.png")
    return folder


def arguments(folders: Path, steps: int) -> list[str]:
    fields = SMALL | {"steps": steps}
    paths = {"real": "real", "held-out": "held", "activations": "activations"}
    return [
        "retrain",
        "--no-reviews",
        "--promote",
        "--target=0.01",
        *(f"--{name}={folders / path}" for name, path in paths.items()),
        *(word for name, value in fields.items() for word in ("--set", f"{name}={value}")),
    ]


def newest(database: Database) -> RunRow | None:
    with database.reading() as session:
        return next(iter(runs.list_runs(session, limit=1)), None)


def judging(database: Database) -> str:
    with database.reading() as session:
        version = active(session)
    assert version is not None
    return version.id


def test_a_version_that_passes_the_gate_judges_when_its_training_ends(
    cli: Cli, upgraded: Database, folders: Path, tmp_path: Path
) -> None:
    done = cli(*arguments(folders, 600), "--out", tmp_path / "copy")
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


def test_ctrl_c_pauses_a_training_that_resume_ends_and_the_gate_stops(
    cli: Cli, upgraded: Database, folders: Path
) -> None:
    # Too few to compare by: nothing that no comparison has shown to be as good judges.
    few = folders / "few"
    for kind in ("real", "placeholder"):
        (few / kind).mkdir(parents=True)
        for file in sorted((folders / "held" / kind).iterdir())[:19]:
            (few / kind / file.name).hardlink_to(file)
    command = [f"--held-out={few}" if "held-out" in a else a for a in arguments(folders, 3000)]
    before = judging(upgraded)
    process = subprocess.Popen(
        [sys.executable, "-m", "jobs.cli", *command],
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
