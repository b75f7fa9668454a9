"""Bringing a database to the newest revision, and telling whether it is there."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from nophoto.models.records.database import Database, DatabaseNotMigratedError

if TYPE_CHECKING:
    # Every worker and command checks the revision, and few upgrade: without Alembic they start a
    # tenth sooner.
    from alembic.config import Config

_FOLDER = Path(__file__).parent


def config(database: Database) -> "Config":
    """Alembic's configuration for `database`, for its commands; it needs no alembic.ini."""
    from alembic.config import Config

    configuration = Config()
    configuration.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    # Not as a URL among the options: there a password's % would be taken for an interpolation.
    configuration.attributes["database"] = database
    return configuration


def revisions() -> list[str]:
    """All revisions from the first to the newest: each migration's file is named by its own."""
    return sorted(file.name.partition("_")[0] for file in _FOLDER.glob("versions/[0-9]*_*.py"))


def head() -> str:
    """The newest revision, which this version of nophoto works with."""
    return revisions()[-1]


def upgrade(url: str) -> None:
    """Bring the database to the newest revision; a SQLite file is created where there is none.

    Upgrades at the same time follow each other, and one that fails changes nothing.

    Raises:
        DatabaseUnreachableError: if the database does not answer.
        UnsupportedDatabaseError: if the URL is neither PostgreSQL's nor a SQLite file's.
    """
    from alembic import command

    database = Database(url)
    if database.file is not None:
        database.file.parent.mkdir(parents=True, exist_ok=True)
    with database.reading():
        pass
    command.upgrade(config(database), "head")
    database.close()


def check(url: str) -> None:
    """Make sure that the database is at the newest revision.

    Raises:
        DatabaseNotMigratedError: if it is not.
        DatabaseUnreachableError: if the database does not answer.
        UnsupportedDatabaseError: if the URL is neither PostgreSQL's nor a SQLite file's.
    """
    database = Database(url)
    revision = _revision(database)
    if revision is None:
        raise DatabaseNotMigratedError(
            f"the database {database} has no tables of nophoto. Run `nophoto db upgrade`"
        )
    if revision not in revisions():
        raise DatabaseNotMigratedError(
            f"the database {database} is at revision {revision}, which this nophoto does not know. "
            "Install the newer nophoto that made it"
        )
    if revision != head():
        raise DatabaseNotMigratedError(
            f"the database {database} is at revision {revision}, this nophoto needs {head()}. "
            "Run `nophoto db upgrade`"
        )


def _revision(database: Database) -> str | None:
    if database.file is not None and not database.file.exists():
        return None  # opening it would create it
    with database.reading() as session:
        is_there = inspect(session.connection()).has_table("alembic_version")
        version = text("SELECT version_num FROM alembic_version")
        revision: str | None = session.scalar(version) if is_there else None
    database.close()
    return revision
