"""Reaching the database: engines, transactions, and one set of promises for both kinds."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import ArgumentError, DatabaseError, DataError, DBAPIError, IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from nophoto.models import outages
from nophoto.models.errors import NophotoError
from nophoto.models.outages import OutageError

_READ_ONLY = "nophoto_read_only"
_BUSY_SECONDS = 30
_POSTGRESQL_OPTIONS: dict[str, Any] = {
    "application_name": "nophoto",
    "connect_timeout": 5,
    # Milliseconds: a peer that vanished without a word is noticed in half a minute, not in
    # the quarter of an hour that TCP takes by itself.
    "tcp_user_timeout": 30_000,
    # PgBouncer in transaction mode gives each transaction another connection to the server, so
    # nothing may be kept in one: neither prepared statements nor `options`.
    "prepare_threshold": None,
}
_TIMEOUTS = (
    "SET LOCAL statement_timeout = '60s'; SET LOCAL lock_timeout = '10s'; "
    "SET LOCAL idle_in_transaction_session_timeout = {idle}"
)
"""Of each transaction: a process that was stopped may hold locks only for so long."""

_REFUSED_OPTION = "unsupported startup parameter"
"""What PgBouncer answers to `options`, and to other parameters that it does not know."""


class UnsupportedDatabaseError(NophotoError):
    """The database URL names neither PostgreSQL nor a SQLite file."""


class DatabaseUnreachableError(OutageError):
    """The database does not answer, or the connection to it was lost."""

    service = "the database"


class DatabaseNotMigratedError(NophotoError):
    """The tables are not those that this version of nophoto works with."""


DATABASE_ERRORS = (DatabaseUnreachableError, DBAPIError)
"""What a transaction may raise."""


def is_fault_of_database(error: BaseException) -> bool:
    """Whether a transaction failed by the database's state, whatever was to be read or written.

    So do a lost connection, a full disk, a missing permission. A value that no column takes fails
    by itself, and would do so again.
    """
    return isinstance(error, DATABASE_ERRORS) and not isinstance(error, DataError | IntegrityError)


class Database:
    """One database, PostgreSQL or SQLite, with the same promises from both.

    A `transaction` sees what others committed before it wrote; a `reading` is one snapshot and
    refuses to write. On SQLite writers queue for the file instead of failing.
    """

    def __init__(self, url: str) -> None:
        """Connects to nothing yet.

        Args:
            url: `postgresql://user:password@host/name` or `sqlite:////path/to/file`.

        Raises:
            UnsupportedDatabaseError: if the URL is of another kind.
        """
        self._url = _parse(url)
        self.engine = _create_engine(self._url)
        self._writing = self.engine.execution_options(**{_READ_ONLY: False})
        self._reading = self.engine.execution_options(**{_READ_ONLY: True})
        if self.is_postgresql:
            self._reading = self._reading.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )

    def __str__(self) -> str:
        """The URL with its password masked."""
        return self._url.render_as_string(hide_password=True)

    @property
    def is_postgresql(self) -> bool:
        """Whether it is PostgreSQL rather than SQLite."""
        return self._url.get_backend_name() == "postgresql"

    @property
    def file(self) -> Path | None:
        """The file of a SQLite database, which need not exist yet."""
        return None if self.is_postgresql else Path(str(self._url.database))

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session that commits at the end of the block, or rolls back on an error.

        Raises:
            DatabaseUnreachableError: if the database does not answer, now or later in the block.
        """
        with self._session(self._writing) as session:
            yield session
            session.commit()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one snapshot and may not write.

        Raises:
            DatabaseUnreachableError: if the database does not answer, now or later in the block.
        """
        with self._session(self._reading) as session:
            yield session

    def drop_old_pages(self) -> None:
        """Let a SQLite file's log hold nothing that was deleted, unless somebody reads it now.

        PostgreSQL does so by itself, with its vacuum and its checkpoints.
        """
        if self.is_postgresql:
            return
        connection = self.engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()

    def dispose(self) -> None:
        """Forget every connection without closing it; call it in a child after a fork."""
        self.engine.dispose(close=False)

    def close(self) -> None:
        """Close every connection that is not in use."""
        self.engine.dispose()

    @contextmanager
    def _session(self, engine: Engine) -> Iterator[Session]:
        try:
            # Its end may fail as well: it rolls back.
            with Session(engine, expire_on_commit=False) as session:
                try:
                    _connect(session)
                except DatabaseError as error:  # also a file that is no database
                    raise self._unreachable(error) from error
                outages.answered(DatabaseUnreachableError.service)
                yield session
        except DBAPIError as error:
            if error.connection_invalidated:
                raise self._unreachable(error) from error
            raise

    def _unreachable(self, error: DBAPIError) -> DatabaseUnreachableError:
        reason = " ".join(str(error.orig).split())
        if _REFUSED_OPTION in reason:
            return DatabaseUnreachableError(
                f"the pooler before the database {self} refuses what the URL asks for ({reason}). "
                "Take it out of NOPHOTO_DATABASE_URL, or set it in the pooler or for the role"
            )
        return DatabaseUnreachableError(
            f"the database {self} does not answer ({reason}). Start it, or correct "
            "NOPHOTO_DATABASE_URL"
        )


def _parse(url: str) -> URL:
    remedy = "Set NOPHOTO_DATABASE_URL to postgresql://user:password@host/name or sqlite:////path/to/file"
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise UnsupportedDatabaseError(f"the database URL cannot be read. {remedy}") from error
    is_file = parsed.drivername == "sqlite" and parsed.database not in (None, "", ":memory:")
    if not is_file and parsed.drivername not in ("postgresql", "postgresql+psycopg"):
        shown = parsed.render_as_string(hide_password=True)
        raise UnsupportedDatabaseError(f"nophoto does not work on the database {shown}. {remedy}")
    return parsed


def _connect(session: Session) -> None:
    """Begin a transaction: sessions do so lazily, and a query would fail later instead."""
    try:
        session.connection()
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        # A connection that was kept is gone, and the pool has let go of all that were made before.
        # To find that out here spares a question to each connection that is sound.
        session.rollback()
        session.connection()


def _create_engine(url: URL) -> Engine:
    if url.get_backend_name() == "postgresql":
        engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            connect_args=_POSTGRESQL_OPTIONS,
        )
        event.listen(engine, "begin", _begin_postgresql)
    else:
        engine = create_engine(url)
        event.listen(engine, "connect", _connect_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _begin_postgresql(connection: Connection) -> None:
    # A reader holds no row locks and may wait for those who look at its rows.
    read_only = connection.get_execution_options().get(_READ_ONLY, False)
    connection.exec_driver_sql(_TIMEOUTS.format(idle="0" if read_only else "'60s'"))


def _connect_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    # sqlite3 begins transactions by rules of its own; _begin_sqlite does it instead.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {_BUSY_SECONDS * 1000}")
    _use_write_ahead_log(cursor)
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    # What is deleted is overwritten: an erased upload is not to be found in the file either.
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.close()


def _use_write_ahead_log(cursor: DBAPICursor) -> None:
    # Two that open a new file at once both switch it, and there SQLite fails one of them at once
    # instead of heeding busy_timeout.
    deadline = monotonic() + _BUSY_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if monotonic() > deadline:
                raise
            sleep(0.02)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    read_only = connection.get_execution_options().get(_READ_ONLY, False)
    connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if read_only else 'OFF'}")
    # A transaction that reads first and then writes cannot wait for another writer: SQLite
    # fails it at once. So one that may write takes the lock at the start, and queues there.
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")
