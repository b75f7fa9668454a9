"""For a backend in Python: enqueueing with one call, by the settings of its process."""

from collections.abc import Iterable

from nophoto.jobs.configuration import load_settings
from nophoto.jobs.database import open_database
from nophoto.jobs.uploads.enqueue import Enqueued
from nophoto.jobs.uploads.enqueue import enqueue as enqueue_into
from nophoto.models.records.lifecycle.uploads import NewUpload
from nophoto.models.records.tables import Lane
from nophoto.worker.broker.app import create_app
from nophoto.worker.telemetry.tracing import start_tracing

__all__ = ["Enqueued", "Lane", "NewUpload", "enqueue"]


def enqueue(uploads: Iterable[NewUpload], lane: Lane = Lane.INTERACTIVE) -> Enqueued:
    """Queue uploads for the workers.

    A key that is known with the same picture is left as it is; another URI or a higher version is
    judged again. The result names what was refused, and why.

    Example:
        >>> enqueue([NewUpload("photo/4711", "/srv/uploads/4711.jpg")])  # doctest: +SKIP
        Enqueued(new=1, known=0, refused=[], broker_error=None, ...)

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
