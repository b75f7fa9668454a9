"""What moderators decided: the last decisions, how many, and how often a reference was wrong."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select, true
from sqlalchemy.orm import Session

from nophoto.models.records import clock
from nophoto.models.records.review.reviews import Decided
from nophoto.models.records.tables import Reference, ReferenceState, Review, Upload
from nophoto.models.records.tables.uploads import IS_TO_REVIEW
from nophoto.models.vocabulary import Verdict

_LOOKED_BACK = 20_000
"""Reviews among which the last decisions are sought; one of them may hold thousands."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Decisions made at once by one reviewer.

    Attributes:
        reviewer: who.
        at: when.
        verdict: what all of them say.
        newest_id: of its reviews.
        count: how many uploads.
        key: of one of them.
    """

    reviewer: str
    at: datetime
    verdict: Verdict
    newest_id: int
    count: int
    key: str


@dataclass(frozen=True, slots=True)
class ReviewCounts:
    """How much waits for moderators, and how much they did in the last day.

    Attributes:
        waiting: uploads that somebody should look at.
        flagged: those among them that the network calls placeholders.
        decided: uploads decided within 24 hours and not undone.
        overturned: those among them where the moderator said otherwise than the network says now.
    """

    waiting: int
    flagged: int
    decided: int
    overturned: int


@dataclass(frozen=True, slots=True)
class Overturns:
    """Of the uploads that one reference flagged, or that are held because it is in quarantine.

    Attributes:
        decided: how many moderators decided.
        overturned: how many of those are real.
    """

    decided: int
    overturned: int


def history(session: Session, *, limit: int, reviewer: str | None = None) -> list[Decided]:
    """The last decisions that are not undone, of everybody or of one, the newest first."""
    query = select(Review.id, Review.upload_id, Review.verdict, Review.reviewer, Review.at)
    query = query.where(Review.undone_at.is_(None)).order_by(Review.id.desc()).limit(limit)
    if reviewer is not None:
        query = query.where(Review.reviewer == reviewer)
    return [Decided(*row) for row in session.execute(query)]


def last(session: Session, *, limit: int, collection: str | None = None) -> list[Batch]:
    """The last decisions with what was decided together as one, the newest first.

    Args:
        session: any.
        limit: decisions at most.
        collection: only those on its uploads.
    """
    query = (
        select(
            Review.reviewer,
            Review.at,
            Review.verdict,
            func.max(Review.id),
            func.count(),
            func.min(Upload.key),
        )
        .join(Upload, Upload.id == Review.upload_id)
        # Enough for a page of them; without a bound every review would be looked at.
        .where(Review.undone_at.is_(None), Review.id > _before_last(session))
        .group_by(Review.reviewer, Review.at, Review.verdict)
        .order_by(func.max(Review.id).desc())
        .limit(limit)
    )
    if collection is not None:
        query = query.where(Upload.collection == collection)
    return [Batch(*row) for row in session.execute(query)]


def _before_last(session: Session) -> int:
    return (session.scalar(select(func.max(Review.id))) or 0) - _LOOKED_BACK


def counts(session: Session, collection: str | None = None) -> ReviewCounts:
    """How much waits, and how much was done, in all collections or in one."""
    of = true() if collection is None else Upload.collection == collection
    waits = select(Upload.verdict, func.count()).where(IS_TO_REVIEW, of)
    waiting = dict(session.execute(waits.group_by(Upload.verdict)).all())
    since = clock.now(session) - timedelta(days=1)
    done = (
        select(
            func.count(Upload.id.distinct()),
            func.count(Upload.id.distinct()).filter(Upload.reviewed != Upload.verdict),
        )
        .join(Review, Review.upload_id == Upload.id)
        .where(Review.at >= since, Review.undone_at.is_(None), of)
    )
    decided, overturned = session.execute(done).one()
    return ReviewCounts(
        sum(waiting.values()), waiting.get(Verdict.PLACEHOLDER, 0), decided, overturned
    )


def overturns(session: Session) -> dict[int, Overturns]:
    """For each reference that flagged, or would have, what was decided: how often it was wrong."""
    in_quarantine = select(Reference.id).where(Reference.state == ReferenceState.QUARANTINED)
    # What such a reference alone would flag is real until somebody decides; its reason tells it
    # from what is merely in the review band.
    is_held = and_(
        Upload.needs_review,
        Upload.reason.is_not(None),
        Upload.nearest_reference_id.in_(in_quarantine),
    )
    query = (
        select(
            Upload.nearest_reference_id,
            func.count(),
            func.count().filter(Upload.reviewed == Verdict.REAL),
        )
        .where(
            Upload.reviewed.is_not(None),
            or_(Upload.verdict == Verdict.PLACEHOLDER, is_held),
        )
        .group_by(Upload.nearest_reference_id)
    )
    return {
        reference_id: Overturns(decided, overturned)
        for reference_id, decided, overturned in session.execute(query)
        if reference_id is not None
    }
