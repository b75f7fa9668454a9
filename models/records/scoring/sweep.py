"""Finding the uploads that nobody works on."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from nophoto.models.records import clock
from nophoto.models.records.chunks import chunks
from nophoto.models.records.notifications import outbox
from nophoto.models.records.scoring.claims import has_lapsed
from nophoto.models.records.tables import Lane, Upload, UploadState
from nophoto.models.records.tables.uploads import IS_OPEN
from nophoto.models.vocabulary import FailureCode


@dataclass(frozen=True, slots=True)
class Due:
    """An upload whose workers are to be told again; `attempts` is how often it was claimed."""

    id: int
    lane: Lane
    attempts: int


def due(session: Session, limit: int, lease_seconds: float, lanes: Collection[Lane]) -> list[Due]:
    """Uploads that wait in vain, interactive ones first, marked as published now.

    They are queued in one of `lanes`, or claimed under a lease that has passed, and no message
    was published for them within `lease_seconds`. Two sweeps at once return different ones. Send
    messages for them only once the transaction has committed.
    """
    now = clock.now(session)
    stale = now - timedelta(seconds=lease_seconds)
    query = (
        select(Upload.id, Upload.lane, Upload.attempts)
        .where(
            IS_OPEN,
            or_(
                and_(Upload.state == UploadState.QUEUED, Upload.lane.in_(lanes)),
                has_lapsed(now, lease_seconds),
            ),
            # One from the future was written before the clock was set back.
            or_(
                Upload.published_at.is_(None),
                Upload.published_at <= stale,
                Upload.published_at > now,
            ),
        )
        # By the alphabet interactive comes after bulk.
        .order_by(Upload.lane.desc(), Upload.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    found = [Due(*row) for row in session.execute(query)]
    mark_published(session, [upload.id for upload in found])
    return found


def mark_published(session: Session, ids: Sequence[int]) -> None:
    """Note that messages for `ids` were sent now, so that the sweep does not send them too.

    A row that a worker holds at this moment is passed over: it needs no message.
    """
    now = clock.now(session)
    for some in chunks(ids):
        _mark(session, some, now)


def mark_unpublished(session: Session, ids: Sequence[int]) -> None:
    """Take back that messages for `ids` were sent: the next sweep sends them.

    A row that a worker holds at this moment is passed over: it needs no message.
    """
    for some in chunks(ids):
        _mark(session, some, None)


def give_up(session: Session, max_attempts: int, lease_seconds: float) -> int:
    """Fail, as `crashed`, uploads whose lease passed on the last of `max_attempts` claims.

    Call it before `due`, which would send them once more.

    Returns:
        How many were given up.
    """
    now = clock.now(session)
    hopeless = (
        select(Upload.id)
        .where(IS_OPEN, has_lapsed(now, lease_seconds), Upload.attempts >= max_attempts)
        .order_by(Upload.id)
        .with_for_update(skip_locked=True)
    )
    statement = (
        update(Upload)
        .where(Upload.id.in_(hopeless))
        .values(
            {
                Upload.state: UploadState.FAILED,
                Upload.failure: FailureCode.CRASHED,
                Upload.failure_message: f"no verdict after {max_attempts} attempts: each time the "
                "process that judged it ended or hung. If the picture is sound, `nophoto retry "
                "--code crashed`",
                Upload.lease_token: None,
                Upload.lease_until: None,
                Upload.verdict: None,
                Upload.needs_review: False,
                Upload.score: None,
                Upload.similarity: None,
                Upload.kind: None,
                Upload.nearest_reference_id: None,
                Upload.reason: None,
                Upload.model_version_id: None,
                Upload.reference_set_version: None,
                Upload.judged_at: now,
                Upload.updated_at: now,
            }
        )
        .returning(Upload.id)
        .execution_options(synchronize_session=False)
    )
    given_up = session.scalars(statement).all()
    outbox.add(session, given_up)
    return len(given_up)


def _mark(session: Session, ids: Sequence[int], published_at: datetime | None) -> None:
    rows = select(Upload.id).where(Upload.id.in_(ids)).order_by(Upload.id)
    session.execute(
        update(Upload)
        .where(Upload.id.in_(rows.with_for_update(skip_locked=True)))
        .values(published_at=published_at)
        .execution_options(synchronize_session=False)
    )
