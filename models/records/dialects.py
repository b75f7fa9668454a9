"""The few statements that PostgreSQL and SQLite spell the same but SQLAlchemy does not."""

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from nophoto.models.records.tables.base import Base


def is_postgresql(session: Session) -> bool:
    """Whether the session's database is PostgreSQL rather than SQLite."""
    return session.get_bind().dialect.name == "postgresql"


def insert(session: Session, table: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that knows `on_conflict_do_nothing` in the session's dialect."""
    return postgresql.insert(table) if is_postgresql(session) else sqlite.insert(table)
