"""Retrainings on a training worker in processes of its own, killed and stopped while they run."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from nophoto.models.records import runs
from nophoto.models.records.database import Database
from nophoto.models.records.runs import RunRow
from nophoto.models.records.tables import RunState
from nophoto.models.records.versions import model_versions
from nophoto.models.vision.backbones.weights import default_cache
from nophoto.models.vision.versions import open_version, read_held_out
from nophoto.worker.broker.app import create_app
from nophoto.worker.settings import Settings

SMALL = {
    "dimension": 16,
    "hidden": 32,
    "placeholders_per_batch": 24,
    "negatives_per_batch": 24,
    "steps": 1500,
    "learning_rate": 3e-3,
    "drawn": 200,
    "distractors": 20,
    "variants": 0,
    "reference_variants": 0,
    "hardened": 0,
}

Until = Callable[..., None]


@pytest.fixture
def ask(
    settings: Settings, pictures: Path, training_folder: Path, lite0_weights: None
) -> Callable[[], None]:
    """Asks for a small retraining as a backend does, by name."""
    # Into what uploads may be read from.
    shutil.copytree(training_folder, pictures, dirs_exist_ok=True)

    def ask() -> None:
        parameters = {
            "recipe": SMALL,
            "real": [str(pictures / "real")],
            "held_out": str(pictures / "held"),
            "target": 0.05,
        }
        create_app(settings).send_task("nophoto.retrain", [parameters], queue="training")

    return ask


@pytest.fixture
def environment(environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """A home of the test's own, in which no activations are kept yet, but the weights."""
    kept = tmp_path / "user" / ".cache" / "nophoto"
    kept.mkdir(parents=True)
    (kept / "weights").symlink_to(default_cache())
    return environment | {"HOME": str(tmp_path / "user")}


@pytest.fixture
def start(environment: dict[str, str], tmp_path: Path) -> Iterator[Callable[[], psutil.Process]]:
    """Starts training workers, which end with the test."""
    started: list[psutil.Process] = []

    def start() -> psutil.Process:
        with (tmp_path / "training.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "nophoto.jobs.cli", "worker", "--training"],
                env={**os.environ, **environment},
                stdout=log,
                stderr=log,
            )
        started.append(psutil.Process(process.pid))
        return started[-1]

    yield start
    for worker in started:
        kill(worker)


def kill(worker: psutil.Process) -> None:
    """End every process at once, without a word."""
    if not worker.is_running():
        return
    family = [worker, *worker.children(recursive=True)]
    for process in family:
        process.kill()
    psutil.wait_procs(family, 10)


def newest(database: Database) -> RunRow:
    with database.reading() as session:
        return runs.list_runs(session, limit=1)[0]


def is_at(database: Database, stage: str, done: int) -> Callable[[], bool]:
    def check() -> bool:
        with database.reading() as session:
            found = runs.list_runs(session, limit=1)
        assert not found or found[0].state != RunState.FAILED, found[0].error
        progress: dict[str, Any] = (found and found[0].progress) or {}
        return progress.get("stage", "").startswith(stage) and progress["done"] >= done

    return check


@pytest.mark.slow
@pytest.mark.network
@pytest.mark.timeout(600)
def test_a_retraining_that_is_killed_twice_ends_with_the_same_version(
    installed: Database,
    settings: Settings,
    ask: Callable[[], None],
    start: Callable[[], psutil.Process],
    until: Until,
    tmp_path: Path,
) -> None:
    log = (tmp_path / "training.log").read_text
    versions = settings.versions_folder
    ask()
    for stage, done in (("placeholders", 64), ("head", 200)):
        worker = start()
        until(is_at(installed, stage, done), 180, log)
        kill(worker)
        assert newest(installed).state == RunState.RUNNING  # nobody could say otherwise
        assert not list(versions.glob("*-*"))
    worker = start()
    until(lambda: newest(installed).state == RunState.DONE, 240, log)
    killed = newest(installed)
    assert killed.result is not None
    assert "attempt 1" in log()
    assert [path.name for path in versions.iterdir()] == [killed.result["model_version"]]
    assert list((settings.home_folder / "runs").iterdir()) == []

    # Straight through, on the same worker.
    ask()
    until(lambda: newest(installed).id != killed.id, 30, log)
    until(lambda: newest(installed).state == RunState.DONE, 240, log)
    straight = newest(installed).result
    assert straight is not None
    assert straight["digest"] == killed.result["digest"]
    version = open_version(Path(straight["location"]))
    assert len(read_held_out(version)["placeholder"]) == 20
    with installed.reading() as session:
        assert {row.id for row in model_versions.list_all(session) if not row.active} == {
            version.id
        }

    worker.send_signal(signal.SIGTERM)
    worker.wait(30)


@pytest.mark.slow
@pytest.mark.network
@pytest.mark.timeout(600)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_stopped_worker_gives_its_run_back_and_a_cancelled_one_leaves_nothing(
    installed: Database,
    settings: Settings,
    ask: Callable[[], None],
    start: Callable[[], psutil.Process],
    until: Until,
    tmp_path: Path,
) -> None:
    log = (tmp_path / "training.log").read_text
    ask()
    worker = start()
    until(is_at(installed, "placeholders", 1), 300, log)
    worker.send_signal(signal.SIGTERM)
    worker.wait(60)
    assert newest(installed).state == RunState.QUEUED

    start()
    until(lambda: newest(installed).state == RunState.RUNNING, 120, log)
    with installed.transaction() as session:
        runs.cancel(session, newest(installed).id)
    until(lambda: "was cancelled" in log(), 180, log)
    assert newest(installed).state == RunState.CANCELLED
    assert not settings.versions_folder.exists()
