"""The whole path end to end, on this machine and with the embedded servers, in a minute."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep

from nophoto.jobs.curation.candidates import look_at
from nophoto.jobs.curation.references import add_candidates
from nophoto.jobs.database import open_database
from nophoto.jobs.demo.pictures import changed_copies, draw_placeholders, photographs
from nophoto.jobs.operations.upgrade import upgrade_database
from nophoto.jobs.uploads.enqueue import enqueue
from nophoto.jobs.uploads.report import write_report
from nophoto.models.errors import NophotoError
from nophoto.models.records import collections
from nophoto.models.records.collections import DEFAULT, CollectionRow
from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle.uploads import NewUpload
from nophoto.models.records.outcomes.results import ResultFilter, ResultRow, counts, find
from nophoto.models.records.tables import Lane, UploadState
from nophoto.models.subprocesses import python_module
from nophoto.models.vision.versions import read_cohort, shipped_version
from nophoto.models.vocabulary import Kind, KindMode, Verdict
from nophoto.worker.broker.app import create_app
from nophoto.worker.broker.embedded import embedded_valkey
from nophoto.worker.decoding.pool import decoders_of
from nophoto.worker.matching.active_judge import CHECKED_EVERY
from nophoto.worker.settings import Settings

PLACEHOLDERS = 40

TIMEOUT_SECONDS = 180.0
"""For a slow machine; a laptop needs ten."""

MISSED_AT_MOST = 0.1
"""The share of the drawn placeholders that may be missed: some are odd on purpose."""

AS_REFERENCE = "coffee.png"
"""The photograph that becomes a reference, as a stock photograph that is a usual cover would."""

COPIES = 3
"""Pictures that it should claim: itself, and its changed copies."""

KIND_OFF = "kind-off"
"""The demo's second collection."""

_PHOTOGRAPHS, _PLACEHOLDERS, _AGAIN = "photographs", "placeholders", "again"
_TWICE = "in-two-collections"


class DemoError(NophotoError):
    """The demo did not come to its end."""


@dataclass(frozen=True, slots=True)
class Demo:
    """What the demo found.

    Attributes:
        rows: every upload.
        flagged: photographs that were taken for placeholders, or failed.
        missed: placeholders that were taken for real, or failed.
        seconds: from enqueueing to the last verdict.
        page: the report, HTML.
        turned: what was flagged once a photograph had become a reference; None where the model
            version has no cohort, which says how near other photographs come.
        apart: one placeholder that was sent to two collections, of which one has its kind off.
    """

    rows: list[ResultRow]
    flagged: list[ResultRow]
    missed: list[ResultRow]
    seconds: float
    page: str
    turned: list[ResultRow] | None = None
    apart: list[ResultRow] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether no photograph was flagged, few placeholders were missed, and copies turned."""
        few_missed = len(self.missed) <= MISSED_AT_MOST * PLACEHOLDERS
        return (
            not self.flagged and few_missed and self.only_copies_turned and self.collections_differ
        )

    @property
    def collections_differ(self) -> bool:
        """Whether one picture got two verdicts in two collections, each by its own settings."""
        verdicts = {row.collection: row.verdict for row in self.apart}
        return not self.apart or verdicts == {
            DEFAULT: Verdict.PLACEHOLDER,
            KIND_OFF: Verdict.REAL,
        }

    @property
    def only_copies_turned(self) -> bool:
        """Whether the photograph that became a reference claimed its copies and nothing else."""
        if self.turned is None:
            return True
        stem = Path(AS_REFERENCE).stem
        copies = [row for row in self.turned if Path(row.key).name.startswith(stem)]
        return len(self.turned) == len(copies) == COPIES


def run_demo(on_progress: Callable[[int, int], None] = lambda *_: None) -> Demo:
    """Enqueue photographs and placeholders, let a worker judge them, and make the report.

    Everything lives in a folder of its own that is removed at the end; no setting of the user
    and none of their databases is touched.

    Raises:
        DemoError: if the worker stops, or has not judged everything in time.
        DemoPicturesError: if the packages that carry the photographs are not installed.
    """
    # Its path is short, since that of a Unix socket must be.
    with tempfile.TemporaryDirectory(prefix="nophoto-") as name:
        home = Path(name).resolve()
        settings = Settings(
            home=home, database_url="", broker_url="", roots=(str(home / "pictures"),)
        )
        uploads = _pictures(home / "pictures")
        upgrade_database(settings)
        with (
            embedded_valkey(settings),
            open_database(settings) as database,
            _worker(settings) as worker,
        ):
            started = monotonic()
            enqueue(
                database,
                create_app(settings),
                uploads,
                Lane.INTERACTIVE,
                chunk_size=16,
            )
            _wait(database, worker, home, len(uploads), on_progress)
            seconds = monotonic() - started
            page = write_report(
                database, settings, decoders_of(settings), ResultFilter(), len(uploads)
            )
            with database.reading() as session:
                rows = list(find(session))
            turned = None
            if len(read_cohort(shipped_version())):
                turned = _turned_by_a_photograph(
                    database,
                    settings,
                    uploads,
                    lambda total: _wait(database, worker, home, total, lambda *_: None),
                )
            apart = _in_two_collections(
                database,
                settings,
                rows,
                lambda more: _wait(database, worker, home, more, lambda *_: None),
            )
    return Demo(
        rows=rows,
        flagged=_wrong(rows, _PHOTOGRAPHS, Verdict.REAL),
        missed=_wrong(rows, _PLACEHOLDERS, Verdict.PLACEHOLDER),
        seconds=seconds,
        page=page,
        turned=turned,
        apart=apart,
    )


def _in_two_collections(
    database: Database,
    settings: Settings,
    rows: list[ResultRow],
    wait: Callable[[int], None],
) -> list[ResultRow]:
    """Send a placeholder that was found to two collections, of which one has its kind off."""
    found = next((row for row in rows if row.verdict == Verdict.PLACEHOLDER and row.kind), None)
    if found is None or found.kind is None:
        return []
    with database.transaction() as session:
        off = CollectionRow(KIND_OFF, kinds={found.kind: KindMode.OFF})
        collections.add(session, off, by="demo")
    sleep(2 * CHECKED_EVERY)
    sent = [
        NewUpload(f"{_TWICE}/{name}", found.uri, collection=name) for name in (DEFAULT, KIND_OFF)
    ]
    with database.reading() as session:
        before = sum(counts(session).states.values())
    enqueue(database, create_app(settings), sent, Lane.INTERACTIVE, chunk_size=16)
    wait(before + len(sent))
    with database.reading() as session:
        return [row for row in find(session) if row.key.startswith(_TWICE)]


def _turned_by_a_photograph(
    database: Database,
    settings: Settings,
    uploads: list[NewUpload],
    wait: Callable[[int], None],
) -> list[ResultRow]:
    """Make a photograph a reference, have the photographs and copies of it judged again.

    Returns:
        The uploads that were flagged then.
    """
    first = {Path(upload.key).name: Path(upload.uri) for upload in uploads}
    photograph = first[AS_REFERENCE]
    decoders = decoders_of(settings)
    found = look_at(database, [photograph], settings, decoders, kind=Kind.PHOTO, photo=True)
    add_candidates(database, found.pictures, note="by the demo", by="demo")
    # Workers follow a change within seconds.
    sleep(2 * CHECKED_EVERY)
    folder = photograph.parent.parent / _AGAIN
    folder.mkdir()
    files = [Path(shutil.copy(file, folder)) for file in photographs()]
    files += changed_copies(photograph, folder)
    again = [NewUpload(f"{_AGAIN}/{file.name}", str(file)) for file in files]
    enqueue(database, create_app(settings), again, Lane.INTERACTIVE, chunk_size=16)
    wait(len(uploads) + len(again))
    with database.reading() as session:
        rows = list(find(session))
    return [
        row for row in rows if row.key.startswith(_AGAIN) and row.verdict == Verdict.PLACEHOLDER
    ]


def _pictures(folder: Path) -> list[NewUpload]:
    for kind in (_PHOTOGRAPHS, _PLACEHOLDERS):
        (folder / kind).mkdir(parents=True)
    files = [Path(shutil.copy(file, folder / _PHOTOGRAPHS)) for file in photographs()]
    files += draw_placeholders(folder / _PLACEHOLDERS, PLACEHOLDERS)
    return [NewUpload(str(file.relative_to(folder)), str(file)) for file in files]


@contextmanager
def _worker(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    environment = os.environ | {
        "NOPHOTO_HOME": str(settings.home),
        "NOPHOTO_DATABASE_URL": "",
        "NOPHOTO_BROKER_URL": "",
        "NOPHOTO_ROOTS": settings.roots[0],
    }
    with (
        _log(settings.home).open("wb") as log,
        subprocess.Popen(  # noqa: S603 -- our own
            python_module("nophoto.jobs.cli", "worker"),
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        ) as worker,
    ):
        try:
            yield worker
        finally:
            worker.terminate()


def _wait(
    database: Database,
    worker: "subprocess.Popen[bytes]",
    home: Path,
    total: int,
    on_progress: Callable[[int, int], None],
) -> None:
    deadline = monotonic() + TIMEOUT_SECONDS
    while True:
        with database.reading() as session:
            states = counts(session).states
        done = states.get(UploadState.JUDGED, 0) + states.get(UploadState.FAILED, 0)
        on_progress(done, total)
        if done == total:
            return
        if worker.poll() is not None or monotonic() > deadline:
            log = _log(home).read_text(encoding="utf-8", errors="replace")
            raise DemoError(
                f"the demo's worker judged {done} of {total} pictures and then no more; it said:\n"
                f"{log[-2_000:].strip() or 'nothing'}"
            )
        sleep(0.1)


def _log(home: Path) -> Path:
    return home / "worker.log"


def _wrong(rows: list[ResultRow], folder: str, expected: Verdict) -> list[ResultRow]:
    return [row for row in rows if row.key.startswith(folder) and row.verdict != expected]
