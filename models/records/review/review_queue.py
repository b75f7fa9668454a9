"""What waits for a moderator, page by page: the same bytes are one item.

An item may have hundreds of thousands of uploads: they are counted and paged through, never
listed as a whole.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVarTuple

from sqlalchemy import ColumnElement, Select, exists, func, select, true, union_all
from sqlalchemy.orm import Session

from nophoto.models.reasons import Reason
from nophoto.models.records.chunks import chunks
from nophoto.models.records.tables import SpotCheck, SpotCheckPurpose, Upload
from nophoto.models.records.tables.uploads import IS_TO_REVIEW
from nophoto.models.vocabulary import Kind, Verdict

Columns = TypeVarTuple("Columns")

_HELD_BACK = timedelta(days=2)
"""How long an upload under a spot check does not wait here as well, where it is not blind."""

_Walk = Callable[[ColumnElement[bool], int], Select[str | None]]
"""Makes the query of the first so many digests that meet a condition."""


class Order(StrEnum):
    """What a moderator sees first."""

    NEWEST = "newest"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Which uploads to show; None leaves a question open.

    Attributes:
        verdict: what the network says.
        reference_id: the nearest one.
        key_prefix: how the key begins, letter by letter.
        collection: by whose settings it is judged.
    """

    verdict: Verdict | None = None
    reference_id: int | None = None
    key_prefix: str | None = None
    collection: str | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Uploads of the same bytes that wait for a decision.

    Attributes:
        newest_id: of the upload that was enqueued last.
        count: how many uploads wait.
        key: of the newest.
        uri: of the newest.
        verdict: the network's, of the newest, as are the other fields.
        score, kind: of the nearest reference.
    """

    digest: str
    newest_id: int
    count: int
    key: str
    uri: str
    verdict: Verdict
    needs_review: bool
    score: float | None
    similarity: float | None
    kind: Kind | None
    nearest_reference_id: int | None
    model_version_id: str
    reason: Reason | None
    judged_at: datetime


def page(
    session: Session,
    filters: QueueFilter,
    order: Order,
    *,
    limit: int,
    without: Collection[str] = (),
) -> list[Waiting]:
    """The first items of the queue in order.

    What lies behind them is not looked at, so that a long queue is as quick as a short one.

    Args:
        session: any.
        filters: which.
        order: the last enqueued first, or those whose score is nearest to 0.
        limit: items at most.
        without: digests to leave out, such as those of the pages before.
    """
    found: dict[str, None] = {}
    for walk in _walks(filters, order):
        while len(found) < limit:
            # Many uploads may have the same bytes: twice as many rows as items are asked for, so
            # that one query does as a rule, and those that are found are passed over.
            query = walk(Upload.digest.not_in([*without, *found]), 2 * limit)
            digests = [digest or "" for digest in session.scalars(query)]
            found |= dict.fromkeys(digests)
            if len(digests) < 2 * limit:
                break
    chosen = list(found)[:limit]
    items = _items(session, chosen, filters)
    return [items[digest] for digest in chosen]


@dataclass(frozen=True, slots=True)
class Member:
    """One upload of a group."""

    upload_id: int
    key: str


def members(
    session: Session,
    digests: Collection[str],
    filters: QueueFilter,
    *,
    offset: int = 0,
    limit: int,
) -> list[Member]:
    """The waiting uploads of these bytes that meet `filters`, the newest first."""
    query = waiting(select(Upload.id, Upload.key), filters).where(Upload.digest.in_(digests))
    query = query.order_by(Upload.id.desc()).offset(offset).limit(limit)
    return [Member(*row) for row in session.execute(query)]


def size(session: Session, filters: QueueFilter) -> int:
    """How many uploads wait that meet `filters`."""
    return session.scalar(waiting(select(func.count()), filters)) or 0


def waiting(query: Select[*Columns], filters: QueueFilter) -> Select[*Columns]:
    """`query` over the uploads that wait for a moderator and meet `filters`."""
    checked = exists().where(
        SpotCheck.upload_id == Upload.id,
        SpotCheck.purpose != SpotCheckPurpose.GOLDEN,
        SpotCheck.answered == 0,
        SpotCheck.at > datetime.now(UTC) - _HELD_BACK,
    )
    query = query.select_from(Upload).where(IS_TO_REVIEW, ~checked, *_conditions(filters))
    return query.where(Upload.verdict.is_not(None))


def _walks(filters: QueueFilter, order: Order) -> list[_Walk]:
    """Queries of digests in order, one after the other, each along an index."""

    def along(condition: ColumnElement[bool], *columns: ColumnElement[Any]) -> _Walk:
        def walk(those: ColumnElement[bool], limit: int) -> Select[str | None]:
            query = waiting(select(Upload.digest), filters).where(condition, those)
            return query.order_by(*columns).limit(limit)

        return walk

    def outward(those: ColumnElement[bool], limit: int) -> Select[str | None]:
        doubt = func.abs(Upload.score).label("doubt")
        sides = [
            waiting(select(Upload.digest, doubt, Upload.id), filters)
            .where(side, those)
            .order_by(*columns)
            .limit(limit)
            .subquery()
            for side, *columns in (
                (Upload.score >= 0, Upload.score, Upload.id),
                (Upload.score < 0, Upload.score.desc(), Upload.id.desc()),
            )
        ]
        both = union_all(*(select(side) for side in sides)).subquery()
        return select(both.c.digest).order_by(both.c.doubt, both.c.id.desc()).limit(limit)

    if order is Order.NEWEST:
        return [along(true(), Upload.id.desc())]
    return [outward, along(Upload.score.is_(None), Upload.id.desc())]


def _conditions(filters: QueueFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.verdict is not None:
        found.append(Upload.verdict == filters.verdict)
    if filters.reference_id is not None:
        found.append(Upload.nearest_reference_id == filters.reference_id)
    if filters.collection is not None:
        found.append(Upload.collection == filters.collection)
    if filters.key_prefix:
        prefix = filters.key_prefix
        found.append(func.substr(Upload.key, 1, len(prefix)) == prefix)
    return found


def _items(session: Session, digests: Sequence[str], filters: QueueFilter) -> dict[str, Waiting]:
    """The newest upload of each of `digests`, and how many wait."""
    found: dict[str, Waiting] = {}
    for some in chunks(digests):
        counted = waiting(
            select(func.max(Upload.id).label("newest"), func.count().label("n")), filters
        )
        counts = counted.where(Upload.digest.in_(some)).group_by(Upload.digest).subquery()
        query = select(
            Upload.digest,
            Upload.id,
            counts.c.n,
            Upload.key,
            Upload.uri,
            Upload.verdict,
            Upload.needs_review,
            Upload.score,
            Upload.similarity,
            Upload.kind,
            Upload.nearest_reference_id,
            Upload.model_version_id,
            Upload.reason,
            Upload.judged_at,
        )
        for row in session.execute(query.join(counts, counts.c.newest == Upload.id)):
            item = Waiting(*row)
            found[item.digest] = item
    return found
