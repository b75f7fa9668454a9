"""Moderators' decisions: made, undone, and what still waits for one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, insert, or_, select, true, update
from sqlalchemy.orm import Session

from nophoto.models.errors import NophotoError
from nophoto.models.records import appeals, clock, outbox, spot_checks
from nophoto.models.records.chunks import chunks
from nophoto.models.records.tables import Reference, ReferenceState, Review, Upload
from nophoto.models.records.tables.uploads import IS_TO_REVIEW
from nophoto.models.records.text import storable
from nophoto.models.vocabulary import Verdict

_LOOKED_BACK = 20_000
"""Reviews among which the last decisions are sought; one of them may hold thousands."""


class UnknownUploadError(NophotoError):
    """No upload of this id is in the database."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision on one upload; `reviewer` is who made it."""

    review_id: int
    upload_id: int
    verdict: Verdict
    reviewer: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of one `decide`.

    Attributes:
        made: the new reviews.
        already: what somebody had decided before, which stands.
    """

    made: list[Decided]
    already: list[Decided]


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


def decide(
    session: Session,
    upload_ids: Sequence[int],
    verdict: Verdict,
    reviewer: str,
    *,
    note: str = "",
    code: str | None = None,
    seconds: float | None = None,
    replace: bool = False,
) -> Decision:
    """Say of uploads what they are; from now on that counts, whatever the network says.

    Args:
        session: in a transaction.
        upload_ids: all get the same verdict.
        verdict: what they are.
        reviewer: who says so.
        note: why, for people.
        code: why, as a short code.
        seconds: that the moderator took.
        replace: whether to decide again what is decided; it is left alone otherwise, so that of
            two moderators with the same page the second overrules nobody unawares.

    Raises:
        UnknownUploadError: if there is no upload of one of the ids; nothing is decided then.
    """
    already: list[Decided] = []
    for_us: list[int] = []
    ids = sorted(set(upload_ids))
    for some in chunks(ids):
        # In one order, so that two moderators wait for each other and never in a ring.
        query = select(Upload.id, Upload.reviewed).where(Upload.id.in_(some))
        found = session.execute(query.order_by(Upload.id).with_for_update()).all()
        if len(found) < len(some):
            known = {upload_id for upload_id, _ in found}
            named = ", ".join(str(upload_id) for upload_id in some if upload_id not in known)
            raise UnknownUploadError(
                f"no upload has the id {named}; `nophoto results --format jsonl` shows them"
            )
        taken = [upload_id for upload_id, reviewed in found if reviewed and not replace]
        already += _standing(session, taken)
        for_us += [upload_id for upload_id, reviewed in found if replace or not reviewed]
    now = clock.now(session)
    made: list[Decided] = []
    for some in chunks(for_us):
        statement = insert(Review).returning(Review.id, Review.upload_id)
        rows = [
            {
                "upload_id": upload_id,
                "verdict": verdict,
                "reviewer": storable(reviewer)[:255],
                "note": storable(note),
                "code": code,
                "seconds": seconds,
                "at": now,
            }
            for upload_id in some
        ]
        for review_id, upload_id in session.execute(statement, rows):
            made.append(Decided(review_id, upload_id, verdict, reviewer, now))
        set_word(session, some, verdict)
    return Decision(sorted(made, key=lambda decided: decided.upload_id), already)


def ids_of(session: Session, keys: Sequence[str]) -> list[int]:
    """The row ids of the uploads with these keys.

    Raises:
        UnknownUploadError: naming the keys that no upload has.
    """
    found: dict[str, int] = {}
    for some in chunks(keys):
        query = select(Upload.key, Upload.id).where(Upload.key.in_(some))
        found |= dict(session.execute(query).all())
    if missing := [key for key in keys if key not in found]:
        raise UnknownUploadError(
            f"no upload has the key {', '.join(missing)}; `nophoto results` shows them"
        )
    return sorted(found.values())


def undo(session: Session, review_ids: Sequence[int], by: str) -> list[int]:
    """Take reviews back; the one before each counts again, or else the network's verdict.

    Returns:
        The ids of the uploads whose reviews this call took back; unknown reviews and those that
        were undone already are passed over.
    """
    now = clock.now(session)
    changed: list[int] = []
    for some in chunks(sorted(set(review_ids))):
        concerned = select(Review.upload_id).where(Review.id.in_(some), Review.undone_at.is_(None))
        locked = select(Upload.id).where(Upload.id.in_(concerned)).order_by(Upload.id)
        session.execute(locked.with_for_update())
        statement = (
            update(Review)
            .where(Review.id.in_(some), Review.undone_at.is_(None))
            .values(undone_at=now, undone_by=storable(by)[:255])
            .returning(Review.upload_id)
            .execution_options(synchronize_session=False)
        )
        uploads = sorted(set(session.scalars(statement)))
        spot_checks.forget_answers_of(session, some)
        appeals.reopen_of(session, some)
        words = {decided.upload_id: decided.verdict for decided in _standing(session, uploads)}
        for word in (*Verdict, None):
            set_word(session, [each for each in uploads if words.get(each) == word], word)
        changed += uploads
    return changed


def find(session: Session, review_id: int) -> Decided | None:
    """The review of this id, if it stands."""
    query = select(Review.id, Review.upload_id, Review.verdict, Review.reviewer, Review.at)
    found = session.execute(
        query.where(Review.id == review_id, Review.undone_at.is_(None))
    ).one_or_none()
    return None if found is None else Decided(*found)


def exists(session: Session, review_id: int) -> bool:
    """Whether there is such a review, undone or not."""
    return session.get(Review, review_id) is not None


def history(session: Session, *, limit: int, reviewer: str | None = None) -> list[Decided]:
    """The last decisions that are not undone, of everybody or of one, the newest first."""
    query = select(Review.id, Review.upload_id, Review.verdict, Review.reviewer, Review.at)
    query = query.where(Review.undone_at.is_(None)).order_by(Review.id.desc()).limit(limit)
    if reviewer is not None:
        query = query.where(Review.reviewer == reviewer)
    return [Decided(*row) for row in session.execute(query)]


def is_beyond(session: Session, review: Decided, collection: str) -> bool:
    """Whether of what was decided together with `review` something is of another collection."""
    query = (
        select(Review.id)
        .join(Upload, Upload.id == Review.upload_id)
        .where(
            Review.at == review.at,
            Review.reviewer == review.reviewer,
            Review.undone_at.is_(None),
            Upload.collection != collection,
        )
    )
    return session.scalar(query.limit(1)) is not None


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


def _standing(session: Session, upload_ids: Sequence[int]) -> list[Decided]:
    """The review that counts for each of `upload_ids`; those without one are left out."""
    newest = (
        select(func.max(Review.id))
        .where(Review.upload_id.in_(upload_ids), Review.undone_at.is_(None))
        .group_by(Review.upload_id)
    )
    query = select(Review.id, Review.upload_id, Review.verdict, Review.reviewer, Review.at)
    query = query.where(Review.id.in_(newest)).order_by(Review.upload_id)
    return [Decided(*row) for row in session.execute(query)]


def set_word(session: Session, upload_ids: Sequence[int], word: Verdict | None) -> None:
    """Write what moderators say of these uploads now, and note that it is to be sent."""
    if not upload_ids:
        return
    now = clock.now(session)
    session.execute(
        update(Upload)
        .where(Upload.id.in_(upload_ids))
        .values(reviewed=word, reviewed_at=now, updated_at=now)
        .execution_options(synchronize_session=False)
    )
    outbox.add(session, upload_ids)
