"""A real `nophoto worker`, watched from outside."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

from benchmarks.environment import environment_of
from benchmarks.installation import Installation
from benchmarks.processes import resident
from nophoto.models.errors import NophotoError

TIMEOUT_SECONDS = 900.0
_ASKED_EVERY = 0.05
_LOOKED_EVERY = 2.0
"""Seconds; looking takes 10 ms of the processor time that is measured."""


class WorkerError(NophotoError):
    """The worker ended, or did not do its work in time."""


class WorkerProcess:
    """The worker and its children.

    Attributes:
        started: when, on the clock of `monotonic`.
        peak: bytes that were resident in all of its processes together, at most, whenever somebody
            waited; what they share is counted once.
    """

    def __init__(self, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self.started = monotonic()
        self.peak = 0
        self._process = process
        self._log = log
        self._looked = 0.0

    @property
    def pid(self) -> int:
        """Of the process of `nophoto worker`."""
        return self._process.pid

    def wait(self, condition: Callable[[], bool]) -> None:
        """Wait for `condition`, and watch the memory meanwhile.

        Raises:
            WorkerError: with the end of the worker's log.
        """
        deadline = monotonic() + TIMEOUT_SECONDS
        while not condition():
            if self._process.poll() is not None or monotonic() > deadline:
                log = self._log.read_text(encoding="utf-8", errors="replace")
                raise WorkerError(f"the worker stopped or hangs; it said:\n{log[-2_000:]}")
            self._look()
            sleep(_ASKED_EVERY)
        self._look()

    def resident(self) -> int:
        """Bytes that are resident in all of its processes now; what they share is counted once."""
        return resident(self._process.pid)

    def _look(self) -> None:
        if monotonic() - self._looked >= _LOOKED_EVERY:
            self._looked = monotonic()
            self.peak = max(self.peak, self.resident())


@contextmanager
def run_worker(installation: Installation, lane: str = "both") -> Iterator[WorkerProcess]:
    """A worker of a lane, under the settings of `installation`, while the block runs."""
    settings = installation.settings
    file = installation.folder / f"worker-{lane}.log"
    environment = os.environ | environment_of(settings)
    with (
        file.open("wb") as log,
        subprocess.Popen(
            [sys.executable, "-m", "nophoto.jobs.cli", "worker", "--lane", lane],
            env=environment,
            # Where no .env lies.
            cwd=installation.folder,
            stdout=log,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            yield WorkerProcess(process, file)
        finally:
            process.terminate()
