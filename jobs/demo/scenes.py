"""What the demo tries after the first verdicts: two collections, and a photograph as reference."""

import shutil
from pathlib import Path
from time import sleep

from nophoto.jobs.curation.candidates import look_at
from nophoto.jobs.curation.references import add_candidates
from nophoto.jobs.demo.outcome import AS_REFERENCE, KIND_OFF
from nophoto.jobs.demo.pictures import changed_copies, photographs
from nophoto.jobs.demo.worker import DemoWorker
from nophoto.jobs.uploads.enqueue import enqueue
from nophoto.models.records import collections
from nophoto.models.records.collections import DEFAULT, CollectionRow
from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle.uploads import NewUpload
from nophoto.models.records.outcomes.results import ResultRow, counts, find
from nophoto.models.records.tables import Lane
from nophoto.models.vocabulary import Kind, KindMode, Verdict
from nophoto.worker.broker.app import create_app
from nophoto.worker.decoding.pool import decoders_of
from nophoto.worker.matching.active_judge import CHECKED_EVERY
from nophoto.worker.settings import Settings

_AGAIN = "again"
_TWICE = "in-two-collections"


def in_two_collections(
    database: Database,
    settings: Settings,
    worker: DemoWorker,
    rows: list[ResultRow],
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
    worker.wait(before + len(sent))
    with database.reading() as session:
        return [row for row in find(session) if row.key.startswith(_TWICE)]


def turned_by_a_photograph(
    database: Database,
    settings: Settings,
    worker: DemoWorker,
    uploads: list[NewUpload],
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
    worker.wait(len(uploads) + len(again))
    with database.reading() as session:
        rows = list(find(session))
    return [
        row for row in rows if row.key.startswith(_AGAIN) and row.verdict == Verdict.PLACEHOLDER
    ]
