"""Writing what must not be lost, although the database is away for a while."""

import logging
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_before_delay,
    wait_exponential,
)

from nophoto.models import outages
from nophoto.models.records.database import Database, DatabaseUnreachableError

T = TypeVar("T")

_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 5.0

_log = logging.getLogger(__name__)


def write(database: Database, work: Callable[[Session], T], timeout: float) -> T:
    """The result of `work` in a transaction that has committed.

    It is tried again for `timeout` seconds after whatever passes by itself: a lost connection, a
    restart, a deadlock, a serialisation failure, a full disk. A commit whose answer was lost may
    have happened, so `work` must do no harm when it is done twice.

    Raises:
        DatabaseUnreachableError: if the database stays away.
        OperationalError: if it stays unable to write.
    """

    def write_once() -> T:
        with database.transaction() as session:
            return work(session)

    attempts = Retrying(
        retry=retry_if_exception_type((DatabaseUnreachableError, OperationalError)),
        stop=stop_before_delay(timeout),
        wait=wait_exponential(multiplier=_FIRST_PAUSE, max=_LONGEST_PAUSE),
        before_sleep=_warn,
        reraise=True,
    )
    return attempts(write_once)


def _warn(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, Exception):
        outages.warn(_log, "a write is tried again", error)
