"""The sign of life of a process: a file that its main loop touches, for `nophoto health live`."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import time
from typing import Any, Literal

from celery import Celery, bootsteps

PULSE_SECONDS = 2.0

Component = Literal["worker", "training", "beat", "notify", "console", "api"]

LIVENESS_TIMEOUTS: dict[Component, float] = {
    "worker": 30.0,
    "training": 30.0,
    # It asks the database in its loop, which may wait a minute for a statement and half of one for
    # a connection.
    "beat": 120.0,
    "notify": 30.0,
    "console": 30.0,
    "api": 30.0,
}
"""Seconds without a change of its file after which a process that says it listens is considered
unresponsive."""

_LISTENING, _RECONNECTING = "listening", "reconnecting"


@dataclass(frozen=True, slots=True)
class LivenessFile:
    """What one process of this host last said of itself."""

    part: Component
    pid: int
    is_listening: bool
    age: float

    @property
    def is_live(self) -> bool:
        """Whether it does its work, or waits for the broker to come back."""
        return not self.is_listening or self.age < LIVENESS_TIMEOUTS[self.part]


class LivenessReport:
    """The file by whose time of change this process shows that it lives."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def beat(self) -> None:
        """Say that the main loop goes round; to be called every `PULSE_SECONDS` or so."""
        self._file.write_text(_LISTENING)

    def pause(self) -> None:
        """Say that the file will not be touched until the broker is back."""
        self._file.write_text(_RECONNECTING)


@contextmanager
def report_liveness(home: Path, part: Component) -> Iterator[LivenessReport]:
    """The report_liveness of this process, which is that `part`, while the block runs."""
    folder = home / "pulse"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{part}-{os.getpid()}"
    try:
        yield LivenessReport(file)
    finally:
        file.unlink(missing_ok=True)


async def keep_reporting(own: LivenessReport) -> None:
    """Report the liveness of an event loop, until it is cancelled."""
    while True:
        own.beat()
        await asyncio.sleep(PULSE_SECONDS)


@contextmanager
def reporting_liveness(app: Celery, home: Path, part: Component) -> Iterator[None]:
    """Have the worker of `app` report its liveness, from the loop that takes messages."""
    with report_liveness(home, part) as own:

        class Beat(bootsteps.StartStopStep):  # type: ignore[misc]
            """Starts again with every connection to the broker."""

            # Otherwise it may come before the connection, and say that it listens while none is.
            requires = ("celery.worker.consumer.tasks:Tasks",)

            def start(self, consumer: Any) -> None:
                own.beat()
                consumer.timer.call_repeatedly(PULSE_SECONDS, own.beat)

            def stop(self, consumer: Any) -> None:  # noqa: ARG002
                # The consumer has cleared its timer. Who waits for the broker does what it should.
                own.pause()

        app.steps["consumer"].add(Beat)
        own.pause()
        yield


def liveness_files(home: Path, part: Component) -> list[LivenessFile]:
    """That of each process which is that `part` of this host and has this `home`."""
    found = []
    for file in sorted((home / "pulse").glob(f"{part}-[0-9]*")):
        pid = int(file.name.removeprefix(f"{part}-"))
        try:
            if not _runs(pid):
                file.unlink(missing_ok=True)
                continue
            age = time() - file.stat().st_mtime
            found.append(LivenessFile(part, pid, file.read_text() == _LISTENING, age))
        except FileNotFoundError:
            continue  # it ended just now
    return found


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
