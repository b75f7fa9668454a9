"""A sign of life, so that a lease can be short without chunks having to be."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from uuid import UUID

from sqlalchemy.exc import OperationalError

from models.records.claims import renew
from models.records.database import Database, DatabaseUnreachableError

_BEATS = 3
"""In one lease: one or two may fail."""

_log = logging.getLogger(__name__)


@contextmanager
def keep_renewing(database: Database, token: UUID, lease_seconds: float) -> Iterator[None]:
    """Renew what `token` holds from a thread until the block ends.

    A process that is killed, stopped or stuck in C code renews nothing, and another one takes
    over what it held.
    """
    ended = Event()

    def beat() -> None:
        while not ended.wait(lease_seconds / _BEATS):
            try:
                with database.transaction() as session:
                    renew(session, token, lease_seconds)
            except (DatabaseUnreachableError, OperationalError) as error:
                _log.warning("a lease was not renewed: %s", str(error).partition("\n")[0])

    Thread(target=beat, name="heartbeat", daemon=True).start()
    try:
        yield
    finally:
        ended.set()
