"""Work that keeps coming while something else is measured."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from threading import Event, Thread

from sqlalchemy import select

from benchmarks.installation import Installation
from nophoto.models.records.tables import Lane, Upload
from nophoto.models.records.tables.uploads import IS_OPEN

_AHEAD = 512
"""Uploads of the bulk lane that wait at any time."""

_LOOKED_EVERY = 0.2
_UPLOAD_EVERY = 0.1
"""Seconds."""


@contextmanager
def bulk_load(installation: Installation, files: Sequence[Path]) -> Iterator[None]:
    """Keep the bulk lane filled with copies of `files` while the block runs."""
    copies = copies_of(installation.folder / "bulk", files)

    def fill() -> None:
        with installation.database.reading() as session:
            waiting = len(
                session.scalars(select(Upload.id).where(IS_OPEN, Upload.lane == Lane.BULK)).all()
            )
        installation.enqueue([next(copies) for _ in range(max(0, _AHEAD - waiting))])

    with _repeated(fill, _LOOKED_EVERY):
        yield


@contextmanager
def interactive_load(installation: Installation, files: Sequence[Path]) -> Iterator[None]:
    """Upload a copy of one of `files` every tenth of a second while the block runs."""
    copies = copies_of(installation.folder / "interactive", files)

    def upload() -> None:
        installation.enqueue([next(copies)], Lane.INTERACTIVE)

    with _repeated(upload, _UPLOAD_EVERY):
        yield


def copies_of(folder: Path, files: Sequence[Path]) -> Iterator[Path]:
    """Copies with other bytes after the picture's end: the same are embedded only once."""
    folder.mkdir(exist_ok=True)
    for number in count():
        copy = folder / f"{number:07}.jpg"
        copy.write_bytes(files[number % len(files)].read_bytes() + str(copy).encode())
        yield copy


@contextmanager
def _repeated(call: Callable[[], None], seconds: float) -> Iterator[None]:
    ended = Event()

    def repeat() -> None:
        while not ended.is_set():
            call()
            ended.wait(seconds)

    thread = Thread(target=repeat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
