"""One decision on every upload that has certain bytes, written batch by batch.

One picture may wait under hundreds of thousands of keys. Each batch is a transaction of its own,
so that no lock is held for long; all of them carry one time, by which they are undone together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, insert, literal, not_, select
from sqlalchemy.orm import Session

from nophoto.models.records.review.review_queue import QueueFilter, waiting
from nophoto.models.records.review.reviews import set_word, undo
from nophoto.models.records.tables import Review, Upload
from nophoto.models.records.text import storable
from nophoto.models.vocabulary import Verdict

BATCH = 2_000
"""Uploads that one transaction decides."""


@dataclass(frozen=True, slots=True)
class PictureGroup:
    """What a moderator saw as one item of the queue.

    Attributes:
        digests: of its pictures.
        filters: the filters of the queue that it was shown in; what they left out is not decided.
        seen_at: when it was shown.
    """

    digests: tuple[str, ...]
    filters: QueueFilter
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Others:
    """How many uploads of a group another decision covered since it was shown."""

    reviewer: str
    verdict: Verdict
    count: int


@dataclass(frozen=True, slots=True)
class Why:
    """What is kept with a decision: a short code, and how long it took."""

    code: str | None = None
    seconds: float | None = None


NO_REASON = Why()


def decide_batch(
    session: Session,
    group: PictureGroup,
    verdict: Verdict,
    reviewer: str,
    at: datetime,
    why: Why = NO_REASON,
) -> int:
    """Decide the next uploads of `group` that wait; call it until it returns 0.

    Args:
        session: in a transaction.
        group: which uploads.
        verdict: what they are.
        reviewer: who says so.
        at: the time of the whole decision.
        why: kept with it.

    Returns:
        How many uploads were decided.
    """
    # In one order, so that two moderators wait for each other and never in a ring.
    query = waiting(select(Upload.id), group.filters).where(Upload.digest.in_(group.digests))
    query = query.order_by(Upload.id).limit(BATCH).with_for_update()
    return _write(session, session.scalars(query).all(), verdict, reviewer, at, why)


def decide_pictures_batch(
    session: Session,
    digests: Sequence[str],
    verdict: Verdict,
    reviewer: str,
    at: datetime,
    collection: str | None = None,
) -> int:
    """Decide the next uploads of these bytes that nobody has decided, whether they wait or not.

    As `decide_batch`; for pictures that were found elsewhere than in the queue, of all collections
    or of one.
    """
    query = select(Upload.id).where(
        Upload.digest.in_(digests), Upload.reviewed.is_(None), Upload.verdict.is_not(None)
    )
    if collection is not None:
        query = query.where(Upload.collection == collection)
    query = query.order_by(Upload.id).limit(BATCH).with_for_update()
    return _write(session, session.scalars(query).all(), verdict, reviewer, at, NO_REASON)


def _write(
    session: Session,
    ids: Sequence[int],
    verdict: Verdict,
    reviewer: str,
    at: datetime,
    why: Why,
) -> int:
    if not ids:
        return 0
    values = {
        "verdict": verdict,
        "reviewer": storable(reviewer)[:255],
        "note": "",
        "code": why.code,
        "seconds": why.seconds,
        "at": at,
    }
    columns = [
        literal(value, Review.__table__.c[name].type).label(name) for name, value in values.items()
    ]
    rows = select(Upload.id, *columns).where(Upload.id.in_(ids)).order_by(Upload.id)
    session.execute(insert(Review).from_select(["upload_id", *values], rows))
    set_word(session, ids, verdict)
    return len(ids)


def decided_by_others(
    session: Session, group: PictureGroup, reviewer: str, at: datetime
) -> list[Others]:
    """What other decisions than that of `reviewer` at `at` said of `group` since it was shown."""
    newest = (
        select(func.max(Review.id))
        .join(Upload, Upload.id == Review.upload_id)
        .where(
            Upload.digest.in_(group.digests),
            Review.at >= group.seen_at,
            Review.undone_at.is_(None),
        )
        .group_by(Review.upload_id)
    )
    query = (
        select(Review.reviewer, Review.verdict, func.count())
        .where(Review.id.in_(newest), not_(and_(Review.reviewer == reviewer, Review.at == at)))
        .group_by(Review.reviewer, Review.verdict)
        .order_by(Review.reviewer, Review.verdict)
    )
    return [Others(*row) for row in session.execute(query)]


def undo_batch(session: Session, reviewer: str, at: datetime, by: str) -> int:
    """Take back the next reviews of the decision of `reviewer` at `at`; 0 where none is left."""
    query = (
        select(Review.id)
        .where(Review.at == at, Review.reviewer == reviewer, Review.undone_at.is_(None))
        .order_by(Review.id)
        .limit(BATCH)
    )
    return len(undo(session, session.scalars(query).all(), by))
