"""A retraining on disks that fill up: a real file system without room, which then gets some."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nophoto.jobs.training.claim import ask_and_take, claim_open
from nophoto.jobs.training.leased_run import RunFailedError, lease_of
from nophoto.jobs.training.runner import execute_run
from nophoto.models.errors import NophotoError
from nophoto.models.records import runs
from nophoto.models.records.database import Database
from nophoto.models.records.runs import RunRow
from nophoto.models.records.tables import RunState
from nophoto.models.records.versions import model_versions
from nophoto.models.vision.training.checkpoints import CheckpointError
from nophoto.models.vision.training.fitting import Epoch
from nophoto.models.vision.versions import ModelVersionError, open_version
from nophoto.worker.retraining.request import RetrainParameters
from nophoto.worker.settings import Settings
from tests.parts import DECODERS

SMALL = {
    # A full one: it is exported first, which takes room too.
    "backbone": "efficientnet-lite0",
    "dimension": 16,
    "hidden": 32,
    "placeholders_per_batch": 24,
    "negatives_per_batch": 24,
    "steps": 100,
    "drawn": 24,
    "distractors": 8,
    "variants": 0,
    "reference_variants": 0,
    "hardened": 0,
}

ENOUGH = 2**27
"""Bytes of a disk on which a training has room."""


class Disk:
    """A file system in memory, with room for so many bytes."""

    def __init__(self, folder: Path, size: int) -> None:
        self.folder = folder
        folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "nophoto-test", str(folder)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"FULL DISKS ARE NOT TESTED: no file system can be mounted: {done.stderr}")

    def fill(self, free: int) -> None:
        """Leave so many bytes free."""
        size = shutil.disk_usage(self.folder).free - free
        with (self.folder / "ballast").open("wb") as ballast:
            ballast.write(bytes(size))

    def clear(self) -> None:
        """Take away what fills it."""
        (self.folder / "ballast").unlink()

    def grow(self, size: int) -> None:
        subprocess.run(["mount", "-o", f"remount,size={size}", str(self.folder)], check=True)

    def unmount(self) -> None:
        subprocess.run(["umount", "--lazy", str(self.folder)], check=True)


class Watcher:
    """Calls something once every picture was seen, before the head is trained."""

    def __init__(self, then: Callable[[], None] = lambda: None) -> None:
        self._then = then
        self.steps: list[int] = []

    def on_picture(self, stage: str, done: int, total: int) -> None:
        if stage == "the cohort" and done == total:
            self._then()

    def on_epoch(self, epoch: Epoch) -> None:
        self.steps.append(epoch.step)

    def on_unreadable(self, path: Path, reason: str) -> None:
        raise AssertionError(path)


@pytest.fixture
def disks(tmp_path: Path) -> Iterator[Callable[[str, int], Disk]]:
    mounted: list[Disk] = []

    def mount(name: str, size: int) -> Disk:
        mounted.append(Disk(tmp_path / name, size))
        return mounted[-1]

    yield mount
    for disk in mounted:
        disk.unmount()


@pytest.fixture
def parameters(
    training_folder: Path, kept_activations: Path, lite0_weights: None
) -> RetrainParameters:
    """Of the smallest training."""
    return RetrainParameters.of(
        {
            "recipe": SMALL,
            "real": [str(training_folder / "real")],
            "held_out": str(training_folder / "held"),
            "target": 0.05,
            "activations": str(kept_activations),
        }
    )


@pytest.mark.slow
@pytest.mark.network
def test_a_training_without_room_fails_with_the_remedy_and_goes_on_once_there_is_some(
    disks: Callable[[str, int], Disk],
    upgraded_sqlite: Path,
    parameters: RetrainParameters,
) -> None:
    # The embedded database fills up with it.
    home, versions = disks("home", ENOUGH), disks("versions", 2**20)
    shutil.copyfile(upgraded_sqlite, home.folder / "nophoto.db")
    database = Database(f"sqlite:///{home.folder / 'nophoto.db'}")
    settings = Settings(_env_file=None, home=home.folder, versions=str(versions.folder))
    lease = lease_of(settings)
    claimed = ask_and_take(database, parameters, lease)

    def fails(kind: type[NophotoError], file: str, watcher: Watcher) -> RunRow:
        with pytest.raises(kind):
            execute_run(database, settings, DECODERS, claimed, watcher)
        with database.reading() as session:
            row = runs.get(session, claimed.id)
            assert [v.active for v in model_versions.list_all(session)] == [True]
        assert (row.state, list(versions.folder.iterdir())) == (RunState.FAILED, [])
        assert row.error is not None
        assert file in row.error
        assert "Make room on its disk" in row.error
        return row

    # The frozen network has no room, which OpenVINO tells in its own way.
    home.fill(2**20)
    failed = fails(RunFailedError, "frozen.xml", Watcher())
    assert f"`nophoto runs resume {claimed.id}` goes on" in str(failed.error)
    home.clear()

    # Nor has the first state of the head.
    claimed = claim_open(database, lease)
    fails(CheckpointError, "head.npz", Watcher(lambda: home.fill(2**18)))
    assert list((home.folder / f"runs/{claimed.id}/checkpoints").iterdir()) == []
    home.clear()

    # Nor the version in the folder of all versions.
    claimed = claim_open(database, lease)
    watcher = Watcher()
    fails(ModelVersionError, "network.", watcher)
    assert watcher.steps == [50, 100]

    versions.grow(ENOUGH)
    claimed = claim_open(database, lease)
    watcher = Watcher()
    done = execute_run(database, settings, DECODERS, claimed, watcher)
    assert watcher.steps == [50, 100]  # told again from what was kept
    assert open_version(Path(done.result["location"])).id == done.result["model_version"]
    assert [path.name for path in versions.folder.iterdir()] == [done.result["model_version"]]
    assert list((home.folder / "runs").iterdir()) == []
    database.close()
