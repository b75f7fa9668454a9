"""Reaching the database: transactions and readings, alike on both kinds."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError, DataError, DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from nophoto.models import outages
from nophoto.models.errors import NophotoError
from nophoto.models.outages import OutageError
from nophoto.models.records.engines import READ_ONLY, make_engine, parse_url

_REFUSED_OPTION = "unsupported startup parameter"
"""What PgBouncer answers to `options`, and to other parameters that it does not know."""


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
        self._url = parse_url(url)
        self.engine = make_engine(self._url)
        self._writing = self.engine.execution_options(**{READ_ONLY: False})
        self._reading = self.engine.execution_options(**{READ_ONLY: True})
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
