"""Moderators' decisions: made and undone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from nophoto.models.errors import NophotoError
from nophoto.models.records import clock
from nophoto.models.records.chunks import chunks
from nophoto.models.records.notifications import outbox
from nophoto.models.records.review import appeals, spot_checks
from nophoto.models.records.tables import Review, Upload
from nophoto.models.records.text import storable
from nophoto.models.vocabulary import Verdict


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
