"""Handing out the notices of the outbox for sending, and what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, exists, func, select, update
from sqlalchemy.orm import Session

from nophoto.models.records import clock
from nophoto.models.records.chunks import chunks
from nophoto.models.records.tables import Notice, Subscription
from nophoto.models.records.text import storable


@dataclass(frozen=True, slots=True)
class DueNotice:
    """A notice to send now; `attempts` have failed."""

    id: int
    message_id: UUID
    event: dict[str, Any]
    attempts: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """A notice that was not taken, why, and in how many seconds to try again; None: never."""

    id: int
    error: str
    again_in: float | None


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A notice as people see it."""

    id: int
    channel: str
    event: dict[str, Any]
    created_at: datetime
    due_at: datetime
    attempts: int
    error: str | None
    dead_at: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How many notices of one channel wait, since when the oldest does, and how many are dead."""

    waiting: int
    oldest_seconds: float
    dead: int


_POSTPONE = (
    update(Notice)
    .where(Notice.id == bindparam("notice"))
    .values(
        attempts=Notice.attempts + 1,
        error=bindparam("reason"),
        due_at=bindparam("due"),
        dead_at=bindparam("dead"),
    )
)


def claim(session: Session, channel: str, limit: int, lease_seconds: float) -> list[DueNotice]:
    """Take notices that are due, the longest overdue first; two senders get different ones.

    There are none of a channel that is closed.

    One that is not settled within `lease_seconds` is due again: its sender may have died.
    """
    now = clock.now(session)
    is_closed = exists().where(Subscription.channel == channel, Subscription.closed_at.is_not(None))
    due = (
        select(Notice.id)
        .where(Notice.channel == channel, Notice.dead_at.is_(None), Notice.due_at <= now)
        .where(~is_closed)
        .order_by(Notice.due_at, Notice.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    statement = (
        update(Notice)
        .where(Notice.id.in_(due))
        .values(due_at=now + timedelta(seconds=lease_seconds))
        .returning(Notice.id, Notice.message_id, Notice.event, Notice.attempts)
        .execution_options(synchronize_session=False)
    )
    rows = session.execute(statement)
    return sorted((DueNotice(*row) for row in rows), key=lambda notice: notice.id)


def settle(session: Session, taken: Sequence[int], refusals: Sequence[Refusal]) -> None:
    """Forget notices that were taken; keep those that were not for another time, or as dead."""
    for some in chunks(taken):
        session.execute(
            delete(Notice).where(Notice.id.in_(some)).execution_options(synchronize_session=False)
        )
    if not refusals:
        return
    now = clock.now(session)
    rows = [
        {
            "notice": refusal.id,
            "reason": storable(refusal.error),
            "due": now + timedelta(seconds=refusal.again_in or 0),
            "dead": now if refusal.again_in is None else None,
        }
        for refusal in sorted(refusals, key=lambda refusal: refusal.id)
    ]
    session.connection().execute(_POSTPONE, rows)


def resend(session: Session, ids: Sequence[int] | None = None) -> int:
    """Have dead notices sent again as if they were new: these, or all; return how many."""
    count = 0
    for some in [None] if ids is None else chunks(ids):
        statement = (
            update(Notice)
            .where(Notice.dead_at.is_not(None))
            .values(attempts=0, error=None, dead_at=None, due_at=clock.now(session))
            .returning(Notice.id)
            .execution_options(synchronize_session=False)
        )
        if some is not None:
            statement = statement.where(Notice.id.in_(some))
        count += len(session.scalars(statement).all())
    return count


def find(session: Session, *, dead: bool, limit: int) -> list[NoticeRow]:
    """Notices that are dead, or that wait, the oldest first."""
    query = select(
        Notice.id,
        Notice.channel,
        Notice.event,
        Notice.created_at,
        Notice.due_at,
        Notice.attempts,
        Notice.error,
        Notice.dead_at,
    )
    chosen = Notice.dead_at.is_not(None) if dead else Notice.dead_at.is_(None)
    query = query.where(chosen).order_by(Notice.id).limit(limit)
    return [NoticeRow(*row) for row in session.execute(query)]


def standing(session: Session) -> dict[str, Standing]:
    """How the outbox stands, by channel; one without notices is absent."""
    now = clock.now(session)
    waits = Notice.dead_at.is_(None)
    query = select(
        Notice.channel,
        func.count().filter(waits),
        func.min(Notice.created_at).filter(waits),
        func.count().filter(~waits),
    ).group_by(Notice.channel)
    return {
        channel: Standing(waiting, (now - oldest).total_seconds() if oldest else 0.0, dead)
        for channel, waiting, oldest, dead in session.execute(query)
    }
