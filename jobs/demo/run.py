"""The whole path end to end, on this machine and with the embedded servers, in a minute."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import monotonic

from nophoto.jobs.database import open_database
from nophoto.jobs.demo.outcome import PLACEHOLDERS, Demo
from nophoto.jobs.demo.pictures import draw_placeholders, photographs
from nophoto.jobs.demo.scenes import in_two_collections, turned_by_a_photograph
from nophoto.jobs.demo.worker import run_worker
from nophoto.jobs.operations.upgrade import upgrade_database
from nophoto.jobs.uploads.enqueue import enqueue
from nophoto.jobs.uploads.report import write_report
from nophoto.models.records.lifecycle.uploads import NewUpload
from nophoto.models.records.outcomes.results import ResultFilter, ResultRow, find
from nophoto.models.records.tables import Lane
from nophoto.models.vision.versions import read_cohort, shipped_version
from nophoto.models.vocabulary import Verdict
from nophoto.worker.broker.app import create_app
from nophoto.worker.broker.embedded import embedded_valkey
from nophoto.worker.decoding.pool import decoders_of
from nophoto.worker.settings import Settings

_PHOTOGRAPHS, _PLACEHOLDERS = "photographs", "placeholders"


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
            run_worker(settings, database) as worker,
        ):
            started = monotonic()
            enqueue(
                database,
                create_app(settings),
                uploads,
                Lane.INTERACTIVE,
                chunk_size=16,
            )
            worker.wait(len(uploads), on_progress)
            seconds = monotonic() - started
            page = write_report(
                database, settings, decoders_of(settings), ResultFilter(), len(uploads)
            )
            with database.reading() as session:
                rows = list(find(session))
            turned = None
            if len(read_cohort(shipped_version())):
                turned = turned_by_a_photograph(database, settings, worker, uploads)
            apart = in_two_collections(database, settings, worker, rows)
    return Demo(
        rows=rows,
        flagged=_wrong(rows, _PHOTOGRAPHS, Verdict.REAL),
        missed=_wrong(rows, _PLACEHOLDERS, Verdict.PLACEHOLDER),
        seconds=seconds,
        page=page,
        turned=turned,
        apart=apart,
    )


def _pictures(folder: Path) -> list[NewUpload]:
    for kind in (_PHOTOGRAPHS, _PLACEHOLDERS):
        (folder / kind).mkdir(parents=True)
    files = [Path(shutil.copy(file, folder / _PHOTOGRAPHS)) for file in photographs()]
    files += draw_placeholders(folder / _PLACEHOLDERS, PLACEHOLDERS)
    return [NewUpload(str(file.relative_to(folder)), str(file)) for file in files]


def _wrong(rows: list[ResultRow], folder: str, expected: Verdict) -> list[ResultRow]:
    return [row for row in rows if row.key.startswith(folder) and row.verdict != expected]
