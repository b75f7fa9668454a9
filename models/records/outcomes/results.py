"""What the uploads came to: rows by filter, and how many of each kind."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, case, func, or_, select, true
from sqlalchemy.orm import Session

from nophoto.models.reasons import Reason
from nophoto.models.records import clock
from nophoto.models.records.tables import Lane, Reference, Upload, UploadState
from nophoto.models.records.tables.uploads import IS_OPEN
from nophoto.models.vocabulary import FailureCode, Kind, Verdict

_FETCHED_AT_ONCE = 1_000

VERDICT = func.coalesce(Upload.reviewed, Upload.verdict)
"""The verdict that counts: a moderator's word wins over the network's."""

SINCE = case(
    (
        and_(
            or_(Upload.reviewed.is_(None), Upload.failure.is_not(None)),
            or_(Upload.reviewed_at.is_(None), Upload.judged_at >= Upload.reviewed_at),
        ),
        Upload.judged_at,
    ),
    else_=Upload.reviewed_at,
)
"""Since when that verdict counts, or the upload has failed: as in the view `verdicts`.

A moderator's word counts from when it was said, whatever the network says later; where it is taken
back, the network's counts again from then on.
"""

IN_DOUBT = and_(Upload.needs_review, Upload.reviewed.is_(None))
"""Whether the network marked the verdict for review, and nobody has decided yet."""

OUTCOME = (
    Upload.key,
    Upload.uri,
    VERDICT.label("verdict"),
    IN_DOUBT.label("needs_review"),
    Upload.reviewed,
    Upload.score,
    Upload.similarity,
    Upload.kind,
    Upload.nearest_reference_id,
    Reference.name.label("nearest_reference"),
    Upload.reason,
    Upload.model_version_id,
    Upload.reference_set_version,
    Upload.failure,
    Upload.failure_message,
    Upload.judged_at,
    Upload.collection,
    Upload.version,
    Upload.platform_metadata.label("metadata"),
)
"""The columns that tell what came of an upload; the nearest reference is joined from outside."""


@dataclass(frozen=True, slots=True)
class ResultFilter:
    """Which uploads to list; None leaves a question open.

    Attributes:
        key_prefix: how the key begins, letter by letter.
        since: when what stands was said, or the failure was written, at the earliest.
        model_version: the id of the one that made the verdict.
        collection: by whose settings it is judged.
        keys, failures: only uploads with one of these.
    """

    state: UploadState | None = None
    verdict: Verdict | None = None
    needs_review: bool | None = None
    failure: FailureCode | None = None
    key_prefix: str | None = None
    since: datetime | None = None
    model_version: str | None = None
    collection: str | None = None
    keys: Collection[str] | None = None
    failures: Collection[FailureCode] | None = None


@dataclass(frozen=True, slots=True)
class ResultRow:
    """Where one upload stands, and what its verdict or failure rests on.

    Attributes:
        verdict: the moderator's word where there is one, else the network's.
        needs_review: whether the network is in doubt and no moderator has decided.
        reviewed: the moderator's word.
        score: the similarity's distance to the reach of the nearest reference: not negative where
            that claims the upload.
        kind: of the nearest reference.
        reason: why the network's verdict is another than the similarity alone would make it.
        judged_at: when the network's verdict, or the failure, was written.
        collection: by whose settings it is judged.
        version, metadata: the platform's own, as they came with the upload.
        since: since when the verdict stands, by whomever.
    """

    id: int
    key: str
    uri: str
    state: UploadState
    verdict: Verdict | None
    needs_review: bool
    reviewed: Verdict | None
    score: float | None
    similarity: float | None
    kind: Kind | None
    nearest_reference_id: int | None
    nearest_reference: str | None
    reason: Reason | None
    model_version_id: str | None
    reference_set_version: int | None
    failure: FailureCode | None
    failure_message: str | None
    judged_at: datetime | None
    collection: str
    version: int | None
    metadata: dict[str, Any] | None
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Backlog:
    """The uploads of one lane that have no outcome yet, and since when the oldest waits."""

    waiting: int
    oldest_seconds: float


@dataclass(frozen=True, slots=True)
class Counts:
    """How many uploads there are of each kind; a kind that there is none of is absent."""

    states: dict[UploadState, int]
    verdicts: dict[Verdict, int]
    needs_review: int
    failures: dict[FailureCode, int]
    backlog: dict[Lane, Backlog]


def find(
    session: Session,
    filters: ResultFilter | None = None,
    limit: int | None = None,
    before_id: int | None = None,
) -> Iterator[ResultRow]:
    """The uploads that meet every filter, the last enqueued first.

    They are fetched as they are consumed, so that a long listing needs little memory; the session
    must stay open meanwhile.

    Args:
        session: any.
        filters: which uploads.
        limit: rows at most.
        before_id: only uploads that were enqueued before the one of this id.
    """
    query = (
        select(Upload.id, Upload.state, *OUTCOME, SINCE.label("since"))
        .outerjoin(Reference, Reference.id == Upload.nearest_reference_id)
        .where(*conditions(filters or ResultFilter()))
        .where(true() if before_id is None else Upload.id < before_id)
        .order_by(Upload.id.desc())
        .limit(limit)
        .execution_options(yield_per=_FETCHED_AT_ONCE)
    )
    for row in session.execute(query).mappings():
        yield ResultRow(**row)


def counts(session: Session) -> Counts:
    """How many uploads there are by state, verdict, failure and lane.

    Within a `reading` all figures are of one moment.
    """
    return Counts(
        states=_count_by(session, Upload.state),
        verdicts=_count_by(session, VERDICT, VERDICT.is_not(None)),
        needs_review=session.scalar(select(func.count()).where(IN_DOUBT)) or 0,
        failures=_count_by(session, Upload.failure, Upload.failure.is_not(None)),
        backlog=backlog(session),
    )


def collection_of(session: Session, key: str) -> str | None:
    """The collection of the upload with this key; None where no upload has it."""
    return session.scalar(select(Upload.collection).where(Upload.key == key))


def waiting_at_most(session: Session, lane: Lane, most: int) -> int:
    """How many uploads of a lane have no outcome yet; of more than `most`, `most`."""
    some = select(Upload.id).where(IS_OPEN, Upload.lane == lane).limit(most).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def _count_by(
    session: Session, column: SQLColumnExpression[Any], *conditions: ColumnElement[bool]
) -> dict[Any, int]:
    query = select(column, func.count()).where(*conditions).group_by(column)
    return dict(session.execute(query).all())


def backlog(session: Session) -> dict[Lane, Backlog]:
    """What waits in each lane; by a partial index, so that it may be asked often."""
    now = clock.now(session)
    query = (
        select(Upload.lane, func.count(), func.min(Upload.created_at))
        .where(IS_OPEN)
        .group_by(Upload.lane)
    )
    return {
        lane: Backlog(waiting, (now - oldest).total_seconds())
        for lane, waiting, oldest in session.execute(query)
    }


def conditions(filters: ResultFilter) -> Iterator[ColumnElement[bool]]:
    """What an upload must meet to be one of `filters`."""
    for column, wanted in (
        (Upload.state, filters.state),
        (IN_DOUBT, filters.needs_review),
        (Upload.failure, filters.failure),
        (Upload.model_version_id, filters.model_version),
        (Upload.collection, filters.collection),
    ):
        if wanted is not None:
            yield column == wanted
    if filters.verdict is not None:
        # Not `VERDICT == …`, which no index serves.
        undecided = and_(Upload.reviewed.is_(None), Upload.verdict == filters.verdict)
        yield or_(Upload.reviewed == filters.verdict, undecided)
    if filters.key_prefix is not None:
        # No LIKE: SQLite's takes upper and lower case for the same.
        prefix = filters.key_prefix
        yield func.substr(Upload.key, 1, len(prefix)) == prefix
    if filters.keys is not None:
        yield Upload.key.in_(filters.keys)
    if filters.failures is not None:
        yield Upload.failure.in_(filters.failures)
    if filters.since is not None:
        yield SINCE >= filters.since  # noqa: SIM300 -- a column
