"""Opening the database for a job: only where its tables are those that nophoto works with."""

from collections.abc import Iterator
from contextlib import contextmanager

from nophoto.models.records import collections
from nophoto.models.records.database import Database
from nophoto.worker.settings import Settings


@contextmanager
def open_database(settings: Settings, collection: str | None = None) -> Iterator[Database]:
    """The database of `settings`, closed at the end of the block.

    Args:
        settings: that name it.
        collection: what the job is about, where it is about one.

    Raises:
        UnknownCollectionError: if there is no such collection; nothing would be found otherwise.
        DatabaseNotMigratedError: if it is not at the newest revision.
        DatabaseUnreachableError: if it does not answer.
        UnsupportedDatabaseError: if it is neither PostgreSQL nor a SQLite file.
    """
    # Alembic is a heavy import, which `--help` and tests of single jobs do without.
    from nophoto.migrations import check

    check(settings.effective_database_url)
    database = Database(settings.effective_database_url)
    try:
        if collection is not None:
            with database.reading() as session:
                collections.get(session, collection)
        yield database
    finally:
        database.close()
