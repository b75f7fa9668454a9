"""What `nophoto retrain` says and does before, and when it stops before, anything is trained."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep

import pytest

from nophoto.jobs.cli.rendering import training_progress
from nophoto.models.records import runs
from nophoto.models.records.database import Database
from nophoto.models.records.tables import RunState
from nophoto.models.vision.training.baseline.recipe import BaselineRecipe
from nophoto.models.vision.training.fitting import Epoch
from nophoto.models.vision.training.recipes import QUICK, Recipe
from tests.jobs.conftest import Cli


@pytest.fixture
def without_tensorflow(tmp_path: Path) -> dict[str, str]:
    """An environment in which TensorFlow and Keras are there, and importing one fails."""
    for name in ("tensorflow", "keras"):
        package = tmp_path / "stand-in" / name
        package.mkdir(parents=True)
        (package / "__init__.py").write_text("raise SystemExit('it was imported')\n")
    return {**os.environ, "PYTHONPATH": str(tmp_path / "stand-in")}


def retrain(environment: dict[str, str], *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "nophoto.jobs.cli", "retrain", *map(str, arguments)],
        env=environment,
        capture_output=True,
        text=True,
    )


def newest(database: Database) -> runs.RunRow | None:
    with database.reading() as session:
        return next(iter(runs.list_runs(session, limit=1)), None)


REFUSED = (
    (["--real", "{folder}/nowhere"], "nowhere: there is no such file or folder"),
    (["--real", "{real}", "--held-out", "{folder}/nowhere"], "nowhere"),
    (["--real", "{real}"], "Name one with --held-out"),
    (["--held-out", "{held}"], "Name a folder of photographs with --real"),
    (["--real", "{empty}", "--held-out", "{held}"], "there are no real pictures"),
    (["--set", "stepz=3"], "no field stepz; `nophoto retrain --help-recipe`"),
    (["--set", "steps=0"], "steps: Input should be greater than or equal to 1"),
    (["--recipe", "baseline"], "Name one with --held-out"),
    (["--recipe", "baseline", "--set", "anchor=5"], "no field anchor"),
)
"""Arguments that nothing can be trained by, and what is said of them."""

ASK_EACH = """
import json, sys
from typer.testing import CliRunner
from nophoto.jobs.cli import app
done = [CliRunner().invoke(app, arguments) for arguments in json.load(sys.stdin)]
json.dump([[each.exit_code, each.output] for each in done], sys.stdout)
"""


def test_what_cannot_be_trained_is_told_before_tensorflow_is_loaded_and_is_no_run(
    upgraded: Database, without_tensorflow: dict[str, str], training_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    places = {
        "folder": tmp_path,
        "real": training_folder / "real",
        "held": training_folder / "held",
        "empty": tmp_path / "empty",
    }
    asked = [
        ["retrain", "--no-reviews", *(word.format(**places) for word in arguments)]
        for arguments, _ in REFUSED
    ]
    # All in one process, whose imports take longer than what is asked of it.
    done = subprocess.run(
        [sys.executable, "-c", ASK_EACH],
        env=without_tensorflow,
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
    )
    answers = json.loads(done.stdout)
    for (arguments, message), (exit_code, said) in zip(REFUSED, answers, strict=True):
        assert (exit_code, "it was imported" in said) == (1, False), (arguments, said)
        assert message in " ".join(said.split()), arguments
    assert newest(upgraded) is None


def test_too_few_pictures_in_folders_and_database_fail_the_run_before_tensorflow_is_loaded(
    upgraded: Database, without_tensorflow: dict[str, str], training_folder: Path
) -> None:
    said = retrain(without_tensorflow, "--real", training_folder / "real")
    assert (said.returncode, "it was imported" in said.stderr) == (1, False), said.stderr
    run = newest(upgraded)
    assert run is not None
    assert run.state == RunState.FAILED
    assert "--held-out" in (run.error or "")


def test_sigterm_pauses_a_training_whose_progress_stands_in_a_file(
    upgraded: Database, training_folder: Path, tmp_path: Path
) -> None:
    log = tmp_path / "stderr"
    with log.open("w") as stderr:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "nophoto.jobs.cli", "retrain", "--quick", "--no-reviews"),
                f"--real={training_folder / 'real'}",
                f"--held-out={training_folder / 'held'}",
                f"--activations={tmp_path / 'activations'}",
            ],
            stderr=stderr,
        )
    deadline = monotonic() + 120
    while "placeholders: 0 of" not in log.read_text():
        assert monotonic() < deadline, log.read_text()
        assert process.poll() is None, log.read_text()
        sleep(0.1)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) != 0
    run = newest(upgraded)
    assert run is not None
    assert run.state == RunState.PAUSED
    assert run.parameters["recipe"] == {"seed": 0, **QUICK}


def test_quick_is_a_choice_of_fields_that_set_overrules(cli: Cli, upgraded: Database) -> None:
    cli("retrain", "--quick", "--detach", "--set", "steps=50", "--real", "/elsewhere")
    run = newest(upgraded)
    assert run is not None
    assert run.parameters["recipe"] == {"seed": 0, **QUICK, "steps": 50}
    refused = cli("retrain", "--quick", "--recipe", "baseline")
    assert refused.exit_code == 2


def test_every_field_of_the_recipes_is_listed_with_its_default_and_meaning(cli: Cli) -> None:
    listed = cli("retrain", "--help-recipe")
    assert listed.exit_code == 0
    for recipe in (Recipe, BaselineRecipe):
        for name, field in recipe.model_fields.items():
            assert name in listed.stdout
            assert field.description
            assert field.description.split()[0] in listed.stdout
    assert "3000" in listed.stdout


def test_progress_in_a_file_is_a_line_now_and_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(training_progress, "monotonic", lambda: now[0])
    with training_progress.TrainingProgress() as shown:
        for done in range(1001):
            now[0] = done / 10
            shown.on_picture("placeholders", done, 1000)
        shown.on_epoch(Epoch(0, 3000, 3000, 0.5))
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "placeholders: 0 of 1,000"
    assert lines[1] == "placeholders: 150 of 1,000, about 1 min left"
    assert lines[-2] == "placeholders: 1,000 of 1,000"
    assert lines[-1] == "head from seed 0: 3,000 of 3,000, loss 0.500"
    assert len(lines) == 9
