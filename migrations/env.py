"""How Alembic reaches the database: one upgrade at a time, whole or not at all."""

from alembic import context
from sqlalchemy import Connection, text

from nophoto.models.records.database import Database
from nophoto.models.records.tables import Base


def _guard_sqlite(connection: Connection) -> None:
    # A batch migration drops a table and renames its copy, which foreign keys would forbid. The
    # driver is asked directly, since inside a transaction SQLite ignores this.
    cursor = connection.connection.cursor()
    cursor.execute("PRAGMA foreign_keys = OFF")
    # Else the view of a table whose copy is not renamed yet would stop the migration.
    cursor.execute("PRAGMA legacy_alter_table = ON")
    cursor.close()


def _guard_postgresql(connection: Connection) -> None:
    connection.execute(text("SET LOCAL lock_timeout = '60s'"))
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('nophoto.migrations'))"))
    # A migration that waits for a table lets everyone else wait behind it: better to give up
    # soon and be run again.
    connection.execute(text("SET LOCAL lock_timeout = '4s'"))
    connection.execute(text("SET LOCAL statement_timeout = '60s'"))


def _migrate(database: Database) -> None:
    with database.engine.connect() as connection:
        if not database.is_postgresql:
            _guard_sqlite(connection)
        with connection.begin():
            if database.is_postgresql:
                _guard_postgresql(connection)
            context.configure(
                connection=connection,
                target_metadata=Base.metadata,
                render_as_batch=not database.is_postgresql,
            )
            context.run_migrations()


_migrate(context.config.attributes["database"])
