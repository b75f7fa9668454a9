"""The times at which the night's jobs were due: each is dealt with once, by one scheduler."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from nophoto.models.records import clock
from nophoto.models.records.dialects import insert
from nophoto.models.records.tables import Job, ScheduledRun, ScheduledRunOutcome, Upload


@dataclass(frozen=True, slots=True)
class ScheduledRunRow:
    """A time at which a job was due, and what came of it, when."""

    job: Job
    due_at: datetime
    outcome: ScheduledRunOutcome
    at: datetime


def take(session: Session, job: Job, due_at: datetime, outcome: ScheduledRunOutcome) -> bool:
    """Deal with a due time, in this transaction; False where another scheduler has done so.

    Two at once wait for each other: the second learns whether the first has committed.
    """
    statement = insert(session, ScheduledRun).values(
        job=job, due_at=due_at, outcome=outcome, at=clock.now(session)
    )
    statement = statement.on_conflict_do_nothing()
    return session.scalar(statement.returning(ScheduledRun.due_at)) is not None


def latest(session: Session, job: Job) -> ScheduledRunRow | None:
    """The last time of a job that was dealt with."""
    query = select(
        ScheduledRun.job, ScheduledRun.due_at, ScheduledRun.outcome, ScheduledRun.at
    ).where(ScheduledRun.job == job)
    row = session.execute(query.order_by(ScheduledRun.due_at.desc()).limit(1)).one_or_none()
    return ScheduledRunRow(*row) if row else None


def first_upload_at(session: Session) -> datetime | None:
    """Since when there is anything to do at night."""
    return session.scalar(select(Upload.created_at).order_by(Upload.id).limit(1))
