"""Admission by a process that takes uploads all the time: one bound for each lane."""

from collections.abc import Callable
from threading import Lock
from time import monotonic

from nophoto.jobs.uploads.backlog_limit import BackPressure
from nophoto.models.records.database import Database
from nophoto.models.records.tables import Lane

_COUNTED_EVERY = 5.0
"""Seconds: workers and other doors change the backlog meanwhile."""


class Admission:
    """Lets uploads through as long as fewer than a bound wait in their lane; any thread may ask.

    Args:
        database: where they wait.
        bound: uploads in each lane; 0 for none.
        now: seconds on a clock that never goes back.
    """

    def __init__(
        self, database: Database, bound: int, now: Callable[[], float] = monotonic
    ) -> None:
        self._database = database
        self._bound = bound
        self._now = now
        self._lock = Lock()
        self._lanes: dict[Lane, tuple[float, BackPressure]] = {}

    def admit(self, lane: Lane, count: int) -> None:
        """Let `count` uploads through, all of them or none.

        Raises:
            BacklogFullError: if the lane is full.
        """
        with self._lock:
            counted, pressure = self._lanes.get(lane, (None, None))
            if counted is None or pressure is None or self._now() - counted > _COUNTED_EVERY:
                pressure = BackPressure(self._database, lane, self._bound)
                self._lanes[lane] = (self._now(), pressure)
            pressure.admit(count)
