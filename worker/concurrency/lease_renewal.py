"""A sign of life, so that a lease can be short without chunks having to be."""

import logging
from collections.abc import Callable
from uuid import UUID

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from nophoto.models import outages
from nophoto.models.records.database import Database, DatabaseUnreachableError
from nophoto.models.records.scoring.claims import renew
from nophoto.worker.concurrency.periodic import Periodic

_BEATS = 3
"""In one lease: one or two may fail."""

_log = logging.getLogger(__name__)


def keep_renewing(database: Database, token: UUID, lease_seconds: float) -> Periodic:
    """Renew the uploads that `token` holds from a thread until the block ends."""
    return renew_in_background(
        database, lambda session: renew(session, token, lease_seconds), lease_seconds
    )


def renew_in_background(
    database: Database, renew: Callable[[Session], object], lease_seconds: float
) -> Periodic:
    """Call `renew` from a thread, several times in `lease_seconds`, while the block runs.

    A process that is killed, stopped or stuck in C code renews nothing, and another one takes
    over what it held.
    """

    def renew_once() -> None:
        try:
            with database.transaction() as session:
                renew(session)
        except (DatabaseUnreachableError, OperationalError) as error:
            outages.warn(_log, "a lease was not renewed", error)

    pause = lease_seconds / _BEATS
    return Periodic("lease-renewal", pause, renew_once, first_after=pause)
