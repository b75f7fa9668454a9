"""The demo's worker: a process of its own, and waiting until it has judged."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from nophoto.models.errors import NophotoError
from nophoto.models.records.database import Database
from nophoto.models.records.outcomes.results import counts
from nophoto.models.records.tables import UploadState
from nophoto.models.subprocesses import python_module
from nophoto.worker.settings import Settings

TIMEOUT_SECONDS = 180.0
"""For a slow machine; a laptop needs ten."""


class DemoError(NophotoError):
    """The demo did not come to its end."""


@dataclass(frozen=True, slots=True)
class DemoWorker:
    """A worker of the demo.

    Attributes:
        process: it.
        database: that it writes its verdicts into.
        log: what it says.
    """

    process: "subprocess.Popen[bytes]"
    database: Database
    log: Path

    def wait(self, total: int, on_progress: Callable[[int, int], None] = lambda *_: None) -> None:
        """Wait until `total` uploads are judged or failed.

        Raises:
            DemoError: if the worker stops, or has not judged everything in time.
        """
        deadline = monotonic() + TIMEOUT_SECONDS
        while True:
            with self.database.reading() as session:
                states = counts(session).states
            done = states.get(UploadState.JUDGED, 0) + states.get(UploadState.FAILED, 0)
            on_progress(done, total)
            if done == total:
                return
            if self.process.poll() is not None or monotonic() > deadline:
                said = self.log.read_text(encoding="utf-8", errors="replace")[-2_000:].strip()
                raise DemoError(
                    f"the demo's worker judged {done} of {total} pictures and then no more; it "
                    f"said:\n{said or 'nothing'}"
                )
            sleep(0.1)


@contextmanager
def run_worker(settings: Settings, database: Database) -> Iterator[DemoWorker]:
    """Let a worker work by `settings` alone while the block runs."""
    environment = os.environ | {
        "NOPHOTO_HOME": str(settings.home),
        "NOPHOTO_DATABASE_URL": "",
        "NOPHOTO_BROKER_URL": "",
        "NOPHOTO_ROOTS": settings.roots[0],
    }
    log = settings.home / "worker.log"
    with (
        log.open("wb") as opened,
        subprocess.Popen(  # noqa: S603 -- our own
            python_module("nophoto.jobs.cli", "worker"),
            env=environment,
            stdout=opened,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            yield DemoWorker(process, database, log)
        finally:
            process.terminate()
