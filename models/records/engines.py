"""Engines of both kinds of database, set up so that both keep the same promises."""

import sqlite3
from time import monotonic, sleep
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from nophoto.models.errors import NophotoError

READ_ONLY = "nophoto_read_only"
"""The execution option of connections that refuse to write."""

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


class UnsupportedDatabaseError(NophotoError):
    """The database URL names neither PostgreSQL nor a SQLite file."""


def parse_url(url: str) -> URL:
    """The parts of a database URL.

    Raises:
        UnsupportedDatabaseError: if it names neither PostgreSQL nor a SQLite file.
    """
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


def make_engine(url: URL) -> Engine:
    """An engine that keeps what `Database` promises; it connects to nothing yet."""
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
    read_only = connection.get_execution_options().get(READ_ONLY, False)
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
    read_only = connection.get_execution_options().get(READ_ONLY, False)
    connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if read_only else 'OFF'}")
    # A transaction that reads first and then writes cannot wait for another writer: SQLite
    # fails it at once. So one that may write takes the lock at the start, and queues there.
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")
