"""Writing what must not be lost, although the database is away for a while."""

import logging
from collections.abc import Callable
from time import monotonic, sleep
from typing import TypeVar

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from nophoto.models import outages
from nophoto.models.records.database import Database, DatabaseUnreachableError

T = TypeVar("T")

_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 5.0

_log = logging.getLogger(__name__)


def write(database: Database, work: Callable[[Session], T], patience: float) -> T:
    """The result of `work` in a transaction that has committed.

    It is tried again for `patience` seconds after whatever passes by itself: a lost connection, a
    restart, a deadlock, a serialisation failure, a full disk. A commit whose answer was lost may
    have happened, so `work` must do no harm when it is done twice.

    Raises:
        DatabaseUnreachableError: if the database stays away.
        OperationalError: if it stays unable to write.
    """
    deadline = monotonic() + patience
    pause = _FIRST_PAUSE
    while True:
        try:
            with database.transaction() as session:
                return work(session)
        except (DatabaseUnreachableError, OperationalError) as error:
            if monotonic() + pause > deadline:
                raise
            outages.warn(_log, "a write is tried again", error)
            sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
