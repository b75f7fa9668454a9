"""Opening the database for a job: only where its tables are those that nophoto works with."""

from collections.abc import Iterator
from contextlib import contextmanager

from nophoto.models.records.database import Database
from nophoto.worker.settings import Settings


@contextmanager
def open_database(settings: Settings) -> Iterator[Database]:
    """The database of `settings`, closed at the end of the block.

    Raises:
        DatabaseNotMigratedError: if it is not at the newest revision.
        DatabaseUnreachableError: if it does not answer.
        UnsupportedDatabaseError: if it is neither PostgreSQL nor a SQLite file.
    """
    # Alembic is a heavy import, which `--help` and tests of single jobs do without.
    from nophoto.migrations import check

    check(settings.effective_database_url)
    database = Database(settings.effective_database_url)
    try:
        yield database
    finally:
        database.close()
