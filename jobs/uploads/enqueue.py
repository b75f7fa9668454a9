"""Enqueueing: uploads into the database, then messages to the broker, batch by batch."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from celery import Celery

from nophoto.jobs.uploads.backlog_limit import BacklogFullError, BackPressure
from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle.uploads import Added, NewUpload, Refused, add_uploads
from nophoto.models.records.tables import Lane
from nophoto.worker.dispatch.ingest import NotPublishedError, ingest_uploads

T = TypeVar("T")

BATCH = 1_000
"""Uploads in one transaction: few commits, and on SQLite no other writer waits long."""


@dataclass(slots=True)
class Enqueued:
    """What became of the uploads of one `enqueue`.

    Attributes:
        new: how many were stored.
        known: how many were there already.
        replaced: how many took the place of another picture under a known key.
        refused: the others, each with its reason.
        broker_error: why nobody could be told of the new ones; the sweep sends them later.
        backlog_error: why the rest was not taken: too much waits already.
    """

    new: int = 0
    known: int = 0
    refused: list[Refused] = field(default_factory=list)
    broker_error: str | None = None
    backlog_error: str | None = None
    replaced: int = 0


def enqueue(
    database: Database,
    app: Celery,
    uploads: Iterable[NewUpload],
    lane: Lane,
    *,
    chunk_size: int,
    max_backlog: int = 0,
    broker_error: str | None = None,
    on_progress: Callable[[int], None] = lambda _: None,
    on_taken: Callable[[Added], None] = lambda _: None,
) -> Enqueued:
    """Store `uploads` and tell the workers, so that work begins with the first batch.

    A broker that does not answer costs nothing: the uploads are in the database, which is the
    truth, and the sweep of the next worker sends them.

    Args:
        database: migrated.
        app: whose broker is told.
        uploads: consumed as they are stored.
        lane: which queue they wait in.
        chunk_size: uploads in one message, at most.
        max_backlog: once so many wait in the lane, the rest is not taken; 0: however many.
        broker_error: why the broker is known not to answer; nobody waits for it then.
        on_progress: called after each batch with how many uploads were taken so far.
        on_taken: called with what became of each batch.
    """
    result = Enqueued(broker_error=broker_error)
    done = 0

    def take(batch: Sequence[NewUpload]) -> Added:
        if result.broker_error is None:
            try:
                return ingest_uploads(database, app, batch, lane, chunk_size)
            except NotPublishedError as error:
                result.broker_error = str(error.__cause__)
                return error.added
        # It would keep every further batch waiting for its time-out.
        with database.transaction() as session:
            return add_uploads(session, batch, lane)

    pressure = BackPressure(database, lane, max_backlog)
    for batch in _batches(uploads, BATCH):
        try:
            pressure.admit(len(batch))
        except BacklogFullError as error:
            result.backlog_error = str(error)
            break
        added = take(batch)
        on_taken(added)
        result.new += added.new
        result.known += added.known
        result.replaced += added.replaced
        result.refused += added.refused
        done += len(batch)
        on_progress(done)
    return result


def _batches(values: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(values)
    while batch := list(islice(rest, size)):
        yield batch
