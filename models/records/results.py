"""What the uploads came to: rows by filter, and how many of each kind."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from models.records import clock
from models.records.tables import Lane, Reference, Upload, UploadState
from models.records.tables.uploads import IS_OPEN
from models.vocabulary import FailureCode, Verdict

_FETCHED_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class ResultFilter:
    """Which uploads to list; None leaves a question open.

    Attributes:
        key_prefix: how the key begins, letter by letter.
        since: when the verdict or failure was written, at the earliest.
    """

    state: UploadState | None = None
    verdict: Verdict | None = None
    needs_review: bool | None = None
    failure: FailureCode | None = None
    key_prefix: str | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class ResultRow:
    """Where one upload stands, and what its verdict or failure rests on."""

    id: int
    key: str
    uri: str
    state: UploadState
    verdict: Verdict | None
    needs_review: bool
    similarity: float | None
    nearest_reference_id: int | None
    nearest_reference: str | None
    model_version_id: str | None
    reference_set_version: int | None
    failure: FailureCode | None
    failure_message: str | None
    judged_at: datetime | None


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
    session: Session, filters: ResultFilter | None = None, limit: int | None = None
) -> Iterator[ResultRow]:
    """The uploads that meet every filter, the last enqueued first.

    They are fetched as they are consumed, so that a long listing needs little memory; the session
    must stay open meanwhile.
    """
    query = (
        select(
            Upload.id,
            Upload.key,
            Upload.uri,
            Upload.state,
            Upload.verdict,
            Upload.needs_review,
            Upload.similarity,
            Upload.nearest_reference_id,
            Reference.name.label("nearest_reference"),
            Upload.model_version_id,
            Upload.reference_set_version,
            Upload.failure,
            Upload.failure_message,
            Upload.judged_at,
        )
        .outerjoin(Reference, Reference.id == Upload.nearest_reference_id)
        .where(*conditions(filters or ResultFilter()))
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
        verdicts=_count_by(session, Upload.verdict, Upload.verdict.is_not(None)),
        needs_review=session.scalar(select(func.count()).where(Upload.needs_review)) or 0,
        failures=_count_by(session, Upload.failure, Upload.failure.is_not(None)),
        backlog=_backlog(session),
    )


def _count_by(
    session: Session, column: InstrumentedAttribute[Any], *conditions: ColumnElement[bool]
) -> dict[Any, int]:
    query = select(column, func.count()).where(*conditions).group_by(column)
    return dict(session.execute(query).all())


def _backlog(session: Session) -> dict[Lane, Backlog]:
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
        (Upload.verdict, filters.verdict),
        (Upload.needs_review, filters.needs_review),
        (Upload.failure, filters.failure),
    ):
        if wanted is not None:
            yield column == wanted
    if filters.key_prefix is not None:
        # No LIKE: SQLite's takes upper and lower case for the same.
        prefix = filters.key_prefix
        yield func.substr(Upload.key, 1, len(prefix)) == prefix
    if filters.since is not None:
        yield Upload.judged_at >= filters.since
