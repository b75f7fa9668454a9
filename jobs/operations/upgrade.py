"""Bringing the database to this version of nophoto, with a network and references to judge by."""

from dataclasses import dataclass

from nophoto.models.records import references
from nophoto.models.records.database import (
    Database,
    DatabaseNotMigratedError,
    DatabaseUnreachableError,
)
from nophoto.models.records.versions import model_versions
from nophoto.worker.settings import Settings
from nophoto.worker.versions.shipped import install_shipped


@dataclass(frozen=True, slots=True)
class Upgraded:
    """What an upgrade did, and what there is now.

    Attributes:
        database: its URL, with the password masked.
        was_migrated: whether the tables were at the newest revision already.
        revision: of the tables.
        activated: whether the shipped model version judges from now on.
        added: references that were added to the set.
        model_version: what judges.
        set_version, set_size: of the reference set.
    """

    database: str
    was_migrated: bool
    revision: str
    activated: bool
    added: int
    model_version: str | None
    set_version: int
    set_size: int


def upgrade_database(settings: Settings) -> Upgraded:
    """Migrate the database, then install the shipped model version and references in it.

    Idempotent: a reference set that people changed and a model version that they promoted stay.

    Raises:
        DatabaseUnreachableError: if the database does not answer.
        DatabaseNotMigratedError: if a newer nophoto migrated it.
        ModelVersionError: if the shipped model version is missing or changed.
        UnsupportedDatabaseError: if it is neither PostgreSQL nor a SQLite file.
    """
    # Alembic is a heavy import, and some import this module only for its names.
    from nophoto.migrations import head

    was_migrated = _migrate(settings.effective_database_url)
    database = Database(settings.effective_database_url)
    try:
        before, _, size_before = _standing(database)
        install_shipped(database)
        model_version, set_version, size = _standing(database)
        return Upgraded(
            database=str(database),
            was_migrated=was_migrated,
            revision=head(),
            activated=before != model_version,
            added=size - size_before,
            model_version=model_version,
            set_version=set_version,
            set_size=size,
        )
    finally:
        database.close()


def _migrate(url: str) -> bool:
    """Whether there was nothing to do."""
    from alembic.util import CommandError

    from nophoto.migrations import check, upgrade

    try:
        check(url)
    except DatabaseNotMigratedError as error:
        try:
            upgrade(url)
        except CommandError:
            raise error from None  # a revision that is not known here cannot be upgraded
        except OSError as reason:
            raise DatabaseUnreachableError(
                f"the folder {reason.filename} for the database cannot be made "
                f"({reason.strerror}). Set NOPHOTO_HOME or NOPHOTO_DATABASE_URL to another place"
            ) from reason
        return False
    return True


def _standing(database: Database) -> tuple[str | None, int, int]:
    with database.reading() as session:
        model = model_versions.active(session)
        current = references.active(session)
    return model.id if model else None, current.version, len(current.members)
