"""What a rescoring changed: as CSV, and as one HTML file with pictures."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TextIO

from nophoto.jobs.csv_output import write_csv
from nophoto.jobs.serialization import flat, row_columns, row_fields
from nophoto.jobs.uploads.report import reference_thumbnails, template, thumbnails
from nophoto.models.reasons import held_as_sudden, in_english
from nophoto.models.records import runs
from nophoto.models.records.database import Database
from nophoto.models.records.rescoring import ChangeRow, find_changes
from nophoto.worker.decoding.pool import Decoders
from nophoto.worker.settings import Settings


def write_changes(rows: Iterable[ChangeRow], file: TextIO, *, raw: bool = False) -> int:
    """Changes as CSV, and how many they were; `raw` as of `write_csv`."""
    return write_csv((flat(row_fields(row)) for row in rows), row_columns(ChangeRow), file, raw=raw)


def rescore_report(
    database: Database,
    settings: Settings,
    decoders: Decoders,
    run_id: int,
    limit: int,
    *,
    on_progress: Callable[[int, int], None] = lambda *_: None,
) -> str:
    """The uploads whose verdict a run found to be another, beside their nearest reference.

    Pictures are read under the roots of `settings`, as a worker reads them.

    Args:
        database: migrated.
        settings: of this process.
        decoders: decode the pictures.
        run_id: which run.
        limit: uploads that are shown, the most similar first.
        on_progress: called with how many pictures were read, of how many.

    Raises:
        UnknownRunError: if there is no such run.
    """
    with database.reading() as session:
        run = runs.get(session, run_id)
        changes = list(find_changes(session, run_id, limit=limit + 1))
    reference = reference_thumbnails(database, decoders)
    uris = [change.uri for change in changes[:limit]]
    shown = thumbnails(uris, settings, decoders, on_progress)
    cards = [
        (
            change,
            *shown[place],
            reference(change.nearest_reference_id) if change.nearest_reference_id else None,
        )
        for place, change in enumerate(changes[:limit])
    ]
    return template("rescore.html").render(
        at=datetime.now(UTC),
        database=str(database),
        run=run,
        result=run.result or {},
        progress=run.progress or {},
        held_back=[in_english(held_as_sudden(one)) for one in runs.held_back(run)],
        cards=cards,
        has_more=len(changes) > limit,
    )
