"""A sign of life, so that a lease can be short without chunks having to be."""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import copy_context
from threading import Event, Thread
from uuid import UUID

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from nophoto.models import outages
from nophoto.models.records.claims import renew
from nophoto.models.records.database import Database, DatabaseUnreachableError

_BEATS = 3
"""In one lease: one or two may fail."""

_log = logging.getLogger(__name__)


def keep_renewing(
    database: Database, token: UUID, lease_seconds: float
) -> AbstractContextManager[None]:
    """Renew the uploads that `token` holds from a thread until the block ends."""
    return renew_in_background(
        database, lambda session: renew(session, token, lease_seconds), lease_seconds
    )


@contextmanager
def renew_in_background(
    database: Database, renew: Callable[[Session], object], lease_seconds: float
) -> Iterator[None]:
    """Call `renew` from a thread, several times in `lease_seconds`, until the block ends.

    A process that is killed, stopped or stuck in C code renews nothing, and another one takes
    over what it held.
    """
    ended = Event()

    def beat() -> None:
        while not ended.wait(lease_seconds / _BEATS):
            try:
                with database.transaction() as session:
                    renew(session)
            except (DatabaseUnreachableError, OperationalError) as error:
                outages.warn(_log, "a lease was not renewed", error)

    Thread(target=copy_context().run, args=(beat,), name="heartbeat", daemon=True).start()
    try:
        yield
    finally:
        ended.set()
