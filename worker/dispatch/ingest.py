"""Taking uploads in, and telling the workers."""

from collections.abc import Sequence

from celery import Celery

from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle.uploads import Added, NewUpload, add_uploads
from nophoto.models.records.scoring.sweep import mark_unpublished
from nophoto.models.records.tables import Lane
from nophoto.worker.broker.publisher import BrokerUnreachableError, publish_chunks
from nophoto.worker.telemetry.tracing import span


class NotPublishedError(BrokerUnreachableError):
    """The uploads are in the database, but the broker did not answer; the sweep sends them.

    Attributes:
        added: what was taken in.
    """

    def __init__(self, message: str, added: Added) -> None:
        super().__init__(message)
        self.added = added


def ingest_uploads(
    database: Database,
    app: Celery,
    items: Sequence[NewUpload],
    lane: Lane,
    chunk_size: int,
    *,
    erased_days: float = 0,
) -> Added:
    """Queue `items` in one transaction, then send messages for those that are to be judged.

    Args:
        database: where they are kept.
        app: whose broker is told.
        items: some thousand at most.
        lane: which queue they wait in.
        chunk_size: uploads in one message, at most.
        erased_days: as of `add_uploads`.

    Raises:
        NotPublishedError: if the broker does not answer.
    """
    with span("enqueue", uploads=len(items)):
        with database.transaction() as session:
            # If this process ends before it publishes them, the sweep sends them a lease later.
            added = add_uploads(session, items, lane, published=True, erased_days=erased_days)
        if not added.ids:
            return added
        try:
            publish_chunks(app, added.ids, lane=lane, chunk_size=chunk_size)
        except BrokerUnreachableError as error:
            with database.transaction() as session:
                mark_unpublished(session, added.ids)
            raise NotPublishedError(
                f"{len(added.ids)} new uploads are in the database and will be judged, but no "
                f"worker was told yet: {error}",
                added,
            ) from error
        return added
