"""A database that fails costs a sound upload no attempt."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from time import monotonic, sleep

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import select, text
from sqlalchemy.exc import DataError, ProgrammingError
from sqlalchemy.orm import Session

from nophoto.models.records.database import Database, DatabaseUnreachableError
from nophoto.models.records.scoring.sweep import give_up
from nophoto.models.records.tables import Upload, UploadState
from nophoto.models.vision.pictures import PictureLimits
from nophoto.worker.scoring.overlap import OverlappingChunks
from nophoto.worker.scoring.pipeline import Pipeline
from nophoto.worker.settings import Settings
from nophoto.worker.storage.storage import Storage
from tests.parts import pipeline_of

Draw = Callable[[int], bytes]
Enqueue = Callable[..., list[int]]

on_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


class Interrupting(Storage):
    """Calls `interrupt` once a chunk is claimed and its pictures are read."""

    def __init__(self, settings: Settings, interrupt: Callable[[], object]) -> None:
        super().__init__(settings.roots, PictureLimits())
        self._interrupt = interrupt

    def read(self, uri: str) -> bytes:
        self._interrupt()
        return super().read(uri)


def interrupted(
    database: Database, settings: Settings, interrupt: Callable[[], object]
) -> Pipeline:
    storage = Interrupting(settings, interrupt)
    return pipeline_of(database, settings, storage=storage)


def the_upload(database: Database) -> Upload:
    with database.reading() as session:
        return session.scalars(select(Upload)).one()


def wait_until_queued(database: Database) -> Upload:
    deadline = monotonic() + 60
    while (row := the_upload(database)).state != UploadState.QUEUED:
        assert monotonic() < deadline, row.state
        sleep(0.1)
    return row


@pytest.fixture
def shut(postgres_url: str) -> Callable[[Database], None]:
    """Ends every connection to a database, and lets nobody in again."""

    def shut(database: Database) -> None:
        name = str(database.engine.url.database)
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute(
                sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(name))
            )
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
            )

    return shut


@pytest.fixture
def open_again(postgres_url: str) -> Callable[[Database], None]:
    def open_again(database: Database) -> None:
        name = sql.Identifier(str(database.engine.url.database))
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(name))

    return open_again


@contextmanager
def without_scores(database: Database) -> Iterator[None]:
    """Let every write of verdicts fail, as where a permission is missing."""
    with database.transaction() as session:
        session.execute(text("ALTER TABLE scores RENAME TO scores_away"))
    yield
    with database.transaction() as session:
        session.execute(text("ALTER TABLE scores_away RENAME TO scores"))


@on_postgresql
def test_an_outage_between_claim_and_verdict_is_no_attempt(
    database: Database,
    settings: Settings,
    model: str,
    upload: Enqueue,
    noise: Draw,
    shut: Callable[[Database], None],
    open_again: Callable[[Database], None],
) -> None:
    short = settings.model_copy(update={"lease_seconds": 1.0})
    ids = upload(a=noise(1))
    for _ in range(short.max_attempts):
        pipeline = interrupted(database, short, lambda: shut(database))
        with pytest.raises(DatabaseUnreachableError):
            pipeline.score_chunk(ids)
        open_again(database)
        assert wait_until_queued(database).attempts == 0
        with database.transaction() as session:
            assert give_up(session, short.max_attempts, short.lease_seconds) == 0
    assert pipeline_of(database, short).score_chunk(ids).judged == 1


def test_a_claim_whose_commit_was_not_answered_is_no_attempt(
    database: Database, settings: Settings, model: str, upload: Enqueue, noise: Draw
) -> None:
    class Deaf(Database):
        """Loses the answer to one commit."""

        is_deaf = False

        @contextmanager
        def transaction(self) -> Iterator[Session]:
            with super().transaction() as session:
                yield session
            if self.is_deaf:
                self.is_deaf = False
                raise DatabaseUnreachableError("the connection was lost")

    ids = upload(a=noise(1))
    with closing(Deaf(settings.effective_database_url)) as deaf:
        pipeline = interrupted(deaf, settings, lambda: None)
        pipeline.score_chunk([])  # opens the network
        deaf.is_deaf = True
        with pytest.raises(DatabaseUnreachableError):
            pipeline.score_chunk(ids)
        pipeline.close()
        row = the_upload(database)
        assert (row.state, row.attempts) == (UploadState.QUEUED, 0)
        assert pipeline.score_chunk(ids).judged == 1


@on_postgresql
def test_a_table_that_cannot_be_written_is_no_attempt(
    database: Database, settings: Settings, model: str, upload: Enqueue, noise: Draw
) -> None:
    ids = upload(a=noise(1))
    pipeline = interrupted(database, settings, lambda: None)
    with without_scores(database):
        for _ in range(settings.max_attempts):
            with pytest.raises(ProgrammingError):
                pipeline.score_chunk(ids)
            pipeline.close()
            row = the_upload(database)
            assert (row.state, row.attempts) == (UploadState.QUEUED, 0)
        chunks = OverlappingChunks(pipeline)
        chunks.run(ids, lambda _: None)  # as the worker does, in another thread
        chunks.close()
        assert the_upload(database).attempts == 0
    assert pipeline.score_chunk(ids).judged == 1


@on_postgresql
def test_a_value_that_no_column_takes_counts(
    database: Database, settings: Settings, model: str, upload: Enqueue, noise: Draw
) -> None:
    ids = upload(a=noise(1))
    with database.transaction() as session:
        session.execute(text("ALTER TABLE scores ALTER verdict TYPE varchar(1)"))
    pipeline = interrupted(database, settings, lambda: None)
    with pytest.raises(DataError):
        pipeline.score_chunk(ids)
    pipeline.close()
    row = the_upload(database)
    assert (row.state, row.attempts) == (UploadState.CLAIMED, 1)
