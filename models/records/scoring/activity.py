"""How busy the workers are, told from what they write."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from nophoto.models.records import clock
from nophoto.models.records.tables import Upload, UploadState

PERIODS = {"minute": 60, "hour": 3600, "day": 86400}
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Activity:
    """What workers do now, and what they did.

    Attributes:
        chunks: that workers hold; each process works on one at a time.
        held: uploads in them.
        outcomes: verdicts and failures written within each of `PERIODS`.
        last_outcome: when the newest was written.
    """

    chunks: int
    held: int
    outcomes: dict[str, int]
    last_outcome: datetime | None


def activity(session: Session) -> Activity:
    """What workers do at this moment."""
    now = clock.now(session)
    held = select(func.count(Upload.lease_token.distinct()), func.count()).where(
        Upload.state == UploadState.CLAIMED, Upload.lease_until >= now
    )
    chunks, uploads = session.execute(held).one()
    outcomes = {
        period: session.scalar(
            select(func.count()).where(Upload.judged_at >= now - timedelta(seconds=seconds))
        )
        or 0
        for period, seconds in PERIODS.items()
    }
    last = session.scalar(select(func.max(Upload.judged_at)).where(Upload.judged_at.is_not(None)))
    return Activity(chunks, uploads, outcomes, last)
