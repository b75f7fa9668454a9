"""A real `nophoto worker`, watched from outside."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import psutil

from benchmarks.installation import Installation
from models.errors import NophotoError

PATIENCE_SECONDS = 900.0
_LOOKED_EVERY = 0.02
_CHILDREN_SOUGHT_EVERY = 0.5
"""Seconds; looking for them goes through every process of the machine."""


class WorkerError(NophotoError):
    """The worker ended, or did not do its work in time."""


class WorkerProcess:
    """The worker and its children.

    Attributes:
        started: when, on the clock of `monotonic`.
        peak: bytes that were resident in all of its processes together, at most, whenever somebody
            waited; what they share is counted in each of them.
    """

    def __init__(self, process: "subprocess.Popen[bytes]", installation: Installation) -> None:
        self.started = monotonic()
        self.peak = 0
        self._process = process
        self._log = _log(installation)
        self._family: list[psutil.Process] = []
        self._sought = 0.0

    def wait(self, condition: Callable[[], bool]) -> None:
        """Wait for `condition`, and watch the memory meanwhile.

        Raises:
            WorkerError: with the end of the worker's log.
        """
        deadline = monotonic() + PATIENCE_SECONDS
        while not condition():
            if self._process.poll() is not None or monotonic() > deadline:
                log = self._log.read_text(encoding="utf-8", errors="replace")
                raise WorkerError(f"the worker stopped or hangs; it said:\n{log[-2_000:]}")
            self._look()
            sleep(_LOOKED_EVERY)
        self._look()

    def _look(self) -> None:
        if monotonic() - self._sought > _CHILDREN_SOUGHT_EVERY:
            parent = psutil.Process(self._process.pid)
            self._family = [parent, *parent.children(recursive=True)]
            self._sought = monotonic()
        resident = 0
        for process in self._family:
            try:
                resident += process.memory_info().rss
            except psutil.NoSuchProcess:
                continue
        self.peak = max(self.peak, resident)


@contextmanager
def run_worker(installation: Installation) -> Iterator[WorkerProcess]:
    """A worker under the settings of `installation` while the block runs."""
    settings = installation.settings
    environment = os.environ | {
        "NOPHOTO_HOME": str(settings.home),
        "NOPHOTO_DATABASE_URL": settings.effective_database_url,
        "NOPHOTO_BROKER_URL": "",
        "NOPHOTO_ROOTS": ",".join(settings.roots),
    }
    with (
        _log(installation).open("wb") as log,
        subprocess.Popen(
            [sys.executable, "-m", "jobs.cli", "worker"],
            env=environment,
            # Where no .env lies.
            cwd=installation.folder,
            stdout=log,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            yield WorkerProcess(process, installation)
        finally:
            process.terminate()


def _log(installation: Installation) -> Path:
    return installation.folder / "worker.log"
