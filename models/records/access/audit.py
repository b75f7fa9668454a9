"""The audit: what was done, when and by whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from nophoto.models.records import clock
from nophoto.models.records.tables import AuditEntry
from nophoto.models.records.text import storable


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One thing that somebody did to `subject`."""

    id: int
    at: datetime
    by: str
    action: str
    subject: str
    details: dict[str, Any]


def note(
    session: Session, action: str, by: str, *, subject: str = "", details: Mapping[str, Any]
) -> None:
    """Keep, in the transaction that does it, that somebody does something."""
    session.execute(
        insert(AuditEntry).values(
            at=clock.now(session),
            by=storable(by)[:255],
            action=action,
            subject=storable(subject)[:255],
            details=dict(details),
        )
    )


def entries(
    session: Session, *, limit: int, action: str | None = None, before_id: int | None = None
) -> list[AuditRow]:
    """The last entries, the newest first.

    Args:
        session: any.
        limit: entries at most.
        action: only such ones.
        before_id: only older ones than this entry.
    """
    query = select(
        AuditEntry.id,
        AuditEntry.at,
        AuditEntry.by,
        AuditEntry.action,
        AuditEntry.subject,
        AuditEntry.details,
    ).order_by(AuditEntry.id.desc())
    if action is not None:
        query = query.where(AuditEntry.action == action)
    if before_id is not None:
        query = query.where(AuditEntry.id < before_id)
    return [AuditRow(*row) for row in session.execute(query.limit(limit))]


def newest(session: Session, action: str) -> int:
    """The id of the last such entry; 0 where there is none."""
    last = select(AuditEntry.id).where(AuditEntry.action == action)
    return session.scalar(last.order_by(AuditEntry.at.desc()).limit(1)) or 0
