"""A bound on the backlog, so that a backend that sends too fast learns of it and waits."""

from nophoto.models.errors import NophotoError
from nophoto.models.records.database import Database
from nophoto.models.records.outcomes.results import waiting_at_most
from nophoto.models.records.tables import Lane


class BacklogFullError(NophotoError):
    """So many uploads wait in a lane that no more are taken."""


class BackPressure:
    """Lets uploads through as long as fewer than a bound wait in their lane.

    It counts again only when what it let through may have filled the lane: counting a million
    takes longer than storing a thousand.

    Args:
        database: where they wait.
        lane: each lane has a backlog of its own.
        bound: uploads; 0 for none.
    """

    def __init__(self, database: Database, lane: Lane, bound: int) -> None:
        self._database = database
        self._lane = lane
        self._bound = bound
        self._free = 0

    def admit(self, count: int) -> None:
        """Let `count` more uploads through.

        Raises:
            BacklogFullError: if the lane is full; what was let through before is not undone.
        """
        if not self._bound:
            return
        if count > self._free:
            with self._database.reading() as session:
                waiting = waiting_at_most(session, self._lane, self._bound)
            self._free = self._bound - waiting
            if not self._free:
                raise BacklogFullError(
                    f"{self._bound:,} uploads or more wait in the lane {self._lane}, the most by "
                    "NOPHOTO_MAX_BACKLOG. Send the rest again once `nophoto status` shows fewer "
                    "(what is known already is left as it is), start more workers, or raise it"
                )
        # A batch may go beyond the bound, but the next one does not.
        self._free = max(0, self._free - count)
