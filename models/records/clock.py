"""What time it is, for leases: one clock for every worker."""

from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.records.dialects import is_postgresql
from models.records.tables.base import UtcDateTime


def now(session: Session) -> datetime:
    """The time in UTC, by the clock that everyone who shares the database shares.

    PostgreSQL is asked, since its clients' clocks differ; SQLite's clients share one host.
    """
    if is_postgresql(session):
        return session.execute(select(func.clock_timestamp(type_=UtcDateTime))).scalar_one()
    return datetime.now(UTC)
