"""The table of scheduled times."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Mapped, mapped_column

from nophoto.models.records.tables.base import Base, one_of


class Job(StrEnum):
    """What is done every night."""

    RESCORE = "rescore"
    PRUNE = "prune"


class ScheduledRunOutcome(StrEnum):
    """What a scheduler did with a time at which a job was due."""

    SENT = "sent"
    MISSED = "missed"
    """No scheduler ran then, nor soon afterwards."""
    FIRST = "first"
    """It was before the first scheduler ran; nights are counted from here."""


class ScheduledRun(Base):
    """One time at which a job was due. The scheduler that inserts the row does the job."""

    __tablename__ = "slots"

    job: Mapped[Job] = mapped_column(one_of(Job, "job"), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(primary_key=True)
    outcome: Mapped[ScheduledRunOutcome] = mapped_column(one_of(ScheduledRunOutcome, "outcome"))
    at: Mapped[datetime]
