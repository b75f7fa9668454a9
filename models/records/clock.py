"""What time it is, for leases: one clock for every worker."""

from datetime import UTC, datetime

from sqlalchemy import ColumnElement, func, literal, select
from sqlalchemy.orm import Session

from nophoto.models.records.dialects import is_postgresql
from nophoto.models.records.tables.base import UtcDateTime

_ASKED = func.clock_timestamp(type_=UtcDateTime)
_NOW = select(_ASKED)
_NOW_WITHOUT_FLUSH = select(_ASKED, func.set_config("synchronous_commit", "off", True))


def now(session: Session) -> datetime:
    """The time in UTC, by the clock that everyone who shares the database shares.

    PostgreSQL is asked, since its clients' clocks differ; SQLite's clients share one host.
    """
    if is_postgresql(session):
        return session.connection().execute(_NOW).scalar_one()
    return datetime.now(UTC)


def now_without_flush(session: Session) -> datetime:
    """The same time, and have PostgreSQL not wait for the disk when the transaction commits."""
    if not is_postgresql(session):
        return now(session)
    asked: datetime = session.connection().execute(_NOW_WITHOUT_FLUSH).one()[0]
    return asked


def moment(session: Session) -> ColumnElement[datetime]:
    """The same time as `now`, for a condition: of the moment at which a row is looked at.

    A statement that waited for a row's lock looks at it again, and finds it younger than a time
    that was asked for before the wait.
    """
    return _ASKED if is_postgresql(session) else literal(datetime.now(UTC), UtcDateTime)
