"""The report: one HTML file that shows uploads beside the reference that each is nearest to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from functools import cache
from heapq import nlargest
from pathlib import Path
from typing import TYPE_CHECKING

from nophoto.jobs.templating import template_environment
from nophoto.jobs.uploads.status import EMPTY_SET
from nophoto.jobs.uploads.thumbnails import thumbnail
from nophoto.models.records import references
from nophoto.models.records.database import Database
from nophoto.models.records.outcomes import results
from nophoto.models.records.outcomes.results import ResultFilter, ResultRow
from nophoto.models.records.tables import UploadState
from nophoto.models.records.versions import model_versions
from nophoto.models.vision.pictures import PictureError
from nophoto.worker.concurrency.timeout_pool import TimedOut, TimeoutThreadPool
from nophoto.worker.decoding.pool import Decoders
from nophoto.worker.settings import Settings
from nophoto.worker.storage.storage import storage_of

if TYPE_CHECKING:
    from jinja2 import Template

_TEMPLATES = Path(__file__).parents[1] / "templates"


@dataclass(frozen=True, slots=True)
class Card:
    """One upload in the report.

    Attributes:
        thumbnail: a `data:` URI; None where the picture cannot be shown.
        problem: why it cannot.
        reference: the nearest one's thumbnail; None where the set was empty.
    """

    row: ResultRow
    thumbnail: str | None
    problem: str
    reference: str | None


def write_report(
    database: Database,
    settings: Settings,
    decoders: Decoders,
    filters: ResultFilter,
    limit: int,
    *,
    on_progress: Callable[[int, int], None] = lambda *_: None,
) -> str:
    """The report as HTML that needs no other file and no network.

    Uploads with a verdict come first, the surest on top, then failures; those that still
    wait are only counted. Pictures are read under the roots of `settings`, as a worker reads them.

    Args:
        database: migrated.
        settings: of this process.
        decoders: decode the pictures.
        filters: which uploads.
        limit: judged uploads that are shown, and as many failures.
        on_progress: called with how many pictures were read, of how many.
    """
    with database.reading() as session:
        # The table is read row by row, and only the rows that are shown are kept.
        rows = results.find(session, filters)
        judged = nlargest(limit + 1, (row for row in rows if row.verdict), key=_score)
        failed = []
        if filters.state in (None, UploadState.FAILED):
            only_failures = replace(filters, state=UploadState.FAILED)
            failed = list(results.find(session, only_failures, limit + 1))
        counts = results.counts(session)
        active = model_versions.active(session)
        current = references.active(session)

    reference = reference_thumbnails(database, decoders)
    shown = thumbnails([row.uri for row in judged[:limit]], settings, decoders, on_progress)
    cards = [
        Card(
            row,
            *shown[place],
            reference=reference(row.nearest_reference_id) if row.nearest_reference_id else None,
        )
        for place, row in enumerate(judged[:limit])
    ]
    return template("report.html").render(
        at=datetime.now(UTC),
        database=str(database),
        counts=counts,
        cards=cards,
        has_more=len(judged) > limit,
        failures=failed[:limit],
        has_more_failures=len(failed) > limit,
        filters=_as_words(filters),
        model=active,
        reference_set=current,
        warning=None if current.members else EMPTY_SET,
    )


def _score(row: ResultRow) -> tuple[bool, float, float]:
    # A nophoto without reaches left no score.
    return row.score is not None, row.score or 0.0, row.similarity or 0.0


def reference_thumbnails(database: Database, decoders: Decoders) -> Callable[[int], str | None]:
    """Gives the thumbnail of a reference by its id; None where it cannot be shown."""

    @cache
    def reference(reference_id: int) -> str | None:
        with database.reading() as session:
            picture = references.picture(session, reference_id)
        try:
            return thumbnail(picture, decoders)
        except PictureError:
            return None

    return reference


def thumbnails(
    uris: Sequence[str],
    settings: Settings,
    decoders: Decoders,
    on_progress: Callable[[int, int], None],
) -> list[tuple[str | None, str]]:
    """For each URI its thumbnail, or None and why."""
    storage = storage_of(settings)

    def make(place: int) -> tuple[str | None, str]:
        try:
            return thumbnail(storage.read(uris[place]), decoders), ""
        except PictureError as error:
            return None, str(error)

    found: list[tuple[str | None, str]] = [(None, "")] * len(uris)
    pool = TimeoutThreadPool(settings.thread_count, settings.picture_timeout)
    for done, (place, result) in enumerate(pool.run(make, range(len(uris))), start=1):
        gave_up = (None, "reading it took too long")
        found[place] = gave_up if isinstance(result, TimedOut) else result
        on_progress(done, len(uris))
    return found


def _as_words(filters: ResultFilter) -> dict[str, str]:
    given = {field.name: getattr(filters, field.name) for field in fields(filters)}
    return {name.replace("_", " "): str(v) for name, v in given.items() if v is not None}


def template(name: str) -> "Template":
    """A page of `templates`, which escapes what it is given."""
    return template_environment(_TEMPLATES).get_template(name)
