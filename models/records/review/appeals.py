"""Appeals: objections to what stands of an upload, which another moderator decides."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, or_, select, update
from sqlalchemy.orm import Session

from nophoto.models.errors import NophotoError
from nophoto.models.records import clock
from nophoto.models.records.dialects import insert
from nophoto.models.records.outcomes.results import VERDICT
from nophoto.models.records.tables import Appeal, Review, Upload
from nophoto.models.records.text import storable
from nophoto.models.vocabulary import Verdict

MAX_NOTE = 2_000
"""Characters of a note that are kept."""


class NothingToAppealError(NophotoError):
    """The upload has no verdict that somebody could object to."""


@dataclass(frozen=True, slots=True)
class OpenAppeal:
    """An appeal that waits for a moderator.

    Attributes:
        verdict: what stood when it was made.
        first_reviewer: who had said so; None where it was the network.
        metadata: what the platform told of the upload.
    """

    appeal_id: int
    upload_id: int
    digest: str
    key: str
    at: datetime
    by: str
    note: str
    verdict: Verdict
    first_reviewer: str | None
    metadata: dict[str, Any] | None


def open_appeals(session: Session, upload_ids: Sequence[int], by: str, *, note: str = "") -> int:
    """Have what stands of uploads looked at by a second moderator, before all others.

    Returns:
        How many appeals are new; an upload with an open one is passed over.

    Raises:
        NothingToAppealError: if one of them has no verdict yet; nothing is opened then.
    """
    newest = (
        select(Review.reviewer)
        .where(Review.upload_id == Upload.id, Review.undone_at.is_(None))
        .order_by(Review.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = select(Upload.id, Upload.key, VERDICT, newest).where(Upload.id.in_(upload_ids))
    rows = session.execute(query.order_by(Upload.id)).all()
    if missing := [key for _, key, verdict, _ in rows if verdict is None]:
        raise NothingToAppealError(
            f"{', '.join(missing)}: there is no verdict to appeal against yet. `nophoto results` "
            "shows what stands"
        )
    if not rows:
        return 0
    now = clock.now(session)
    values = [
        {
            "upload_id": upload_id,
            "at": now,
            "by": storable(by)[:255],
            "note": storable(note)[:MAX_NOTE],
            "verdict": verdict,
            "first_reviewer": reviewer,
        }
        for upload_id, _, verdict, reviewer in rows
    ]
    statement = insert(session, Appeal).on_conflict_do_nothing().returning(Appeal.id)
    return len(session.scalars(statement, values).all())


def next_appeal(
    session: Session, reviewer: str, *, without: Collection[str] = ()
) -> OpenAppeal | None:
    """The oldest open appeal that `reviewer` may decide: not against their own word."""
    has_picture = exists().where(
        Upload.id == Appeal.upload_id, Upload.digest.is_not(None), Upload.digest.not_in(without)
    )
    # Not as a join: without statistics of an empty table SQLite goes through all uploads.
    first = (
        select(Appeal.id)
        .where(
            Appeal.closed_at.is_(None),
            or_(Appeal.first_reviewer.is_(None), Appeal.first_reviewer != reviewer),
            has_picture,
        )
        .order_by(Appeal.id)
        .limit(1)
        .scalar_subquery()
    )
    query = (
        select(
            Appeal.id,
            Appeal.upload_id,
            Upload.digest,
            Upload.key,
            Appeal.at,
            Appeal.by,
            Appeal.note,
            Appeal.verdict,
            Appeal.first_reviewer,
            Upload.platform_metadata,
        )
        .join(Upload, Upload.id == Appeal.upload_id)
        .where(Appeal.id == first)
    )
    row = session.execute(query).one_or_none()
    return None if row is None else OpenAppeal(*row)


def close(session: Session, appeal_id: int, reviewer: str, outcome: Verdict) -> int | None:
    """Close an open appeal, and return its upload; None where another was quicker."""
    statement = (
        update(Appeal)
        .where(
            Appeal.id == appeal_id,
            Appeal.closed_at.is_(None),
            or_(Appeal.first_reviewer.is_(None), Appeal.first_reviewer != reviewer),
        )
        .values(closed_at=clock.now(session), closed_by=storable(reviewer)[:255], outcome=outcome)
        .returning(Appeal.upload_id)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(statement)


def count_open(session: Session) -> int:
    """How many appeals wait."""
    return session.scalar(select(func.count()).where(Appeal.closed_at.is_(None))) or 0


def digest_of(session: Session, upload_id: int) -> str:
    """Of the bytes of an upload; empty where they were not read."""
    return session.scalar(select(Upload.digest).where(Upload.id == upload_id)) or ""


def reopen_of(session: Session, review_ids: Sequence[int]) -> None:
    """Let the appeals that these reviews closed wait again: the decision was taken back."""
    closing = (
        select(Review.upload_id, Review.reviewer)
        .where(Review.id.in_(review_ids), Review.note == "appeal")
        .subquery()
    )
    statement = (
        update(Appeal)
        .where(
            Appeal.closed_at.is_not(None),
            Appeal.id.in_(
                select(func.max(Appeal.id))
                .join(closing, closing.c.upload_id == Appeal.upload_id)
                .where(Appeal.closed_by == closing.c.reviewer)
                .group_by(Appeal.upload_id)
            ),
            ~Appeal.upload_id.in_(select(Appeal.upload_id).where(Appeal.closed_at.is_(None))),
        )
        .values(closed_at=None, closed_by=None, outcome=None)
        .execution_options(synchronize_session=False)
    )
    session.execute(statement)
