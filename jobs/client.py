"""For a backend in Python: enqueueing with one call, by the settings of its process."""

from collections.abc import Iterable

from jobs.configuration import load_settings
from jobs.enqueue import Enqueued
from jobs.enqueue import enqueue as enqueue_into
from jobs.stores import open_database
from models.records.tables import Lane
from models.records.uploads import NewUpload
from worker.app import create_app
from worker.tracing import start_tracing

__all__ = ["Enqueued", "Lane", "NewUpload", "enqueue"]


def enqueue(uploads: Iterable[NewUpload], lane: Lane = Lane.INTERACTIVE) -> Enqueued:
    """Queue uploads for the workers; a key that is known is left as it is.

    Example:
        >>> enqueue([NewUpload("photo/4711", "/srv/uploads/4711.jpg")])  # doctest: +SKIP
        Enqueued(new=1, known=0, refused=[], broker_error=None, backlog_error=None)

    Raises:
        NophotoError: if the settings are wrong, or the database is not there.
    """
    settings = load_settings()
    start_tracing(settings, "backend")
    with open_database(settings) as database:
        return enqueue_into(
            database,
            create_app(settings),
            uploads,
            lane,
            chunk_size=settings.chunk_size,
            max_backlog=settings.max_backlog,
        )
