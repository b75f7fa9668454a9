"""Logging an outage: one warning at its begin and one summary at its end, however much fails."""

import logging
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic
from typing import ClassVar

from nophoto.models.errors import NophotoError

QUIET_SECONDS = 5.0
"""Seconds without a failure after which an answer is the outage's end. A service that answers only
now and then is away: it would fill the log with its ends and begins."""

_CAUSES = 5
"""Kinds of failures that a summary names, at most."""

_log = logging.getLogger(__name__)


class OutageError(NophotoError):
    """A service that nophoto depends on does not answer for now.

    Attributes:
        service: what the log calls it.
    """

    service: ClassVar[str]


@dataclass(slots=True)
class _Outage:
    began_at: float
    failed_at: float
    answered_at: float | None = None
    failures: Counter[str] = field(default_factory=Counter)


class Outages:
    """The outages of one process.

    Args:
        now: seconds on a clock that never goes back.
    """

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._lock = Lock()
        self._open: dict[str, _Outage] = {}

    def warn(self, logger: logging.Logger, what: str, error: BaseException) -> None:
        """Log that something failed, unless it is one more failure of the same outage.

        Args:
            logger: of the module that met the error.
            what: failed, the same words each time.
            error: why; of an outage where it is an `OutageError`.
        """
        if not isinstance(error, OutageError):
            logger.warning("%s: %s", what, _line(error))
        elif self._begins(error.service, what):
            logger.warning(
                "%s: %s. Until %s answers, further failures are only counted",
                what,
                _line(error).rstrip("."),
                error.service,
            )
        else:
            logger.debug("%s: %s", what, _line(error))

    def answered(self, service: str) -> None:
        """Note that `service` has answered, and log the end of its outage if it was away."""
        if service not in self._open:
            return
        with self._lock:
            outage = self._open.get(service)
            if outage is None:
                return
            outage.answered_at = outage.answered_at or self._now()
            if self._now() - outage.failed_at < QUIET_SECONDS:
                return
            del self._open[service]
        _log.warning(
            "%s answers again after %.0f seconds; %d failures were not logged%s",
            service,
            outage.answered_at - outage.began_at,
            outage.failures.total(),
            _causes(outage.failures),
        )

    def _begins(self, service: str, what: str) -> bool:
        now = self._now()
        with self._lock:
            outage = self._open.get(service)
            if outage is None:
                self._open[service] = _Outage(now, now)
                return True
            outage.failed_at, outage.answered_at = now, None
            outage.failures[what] += 1
            return False

    def forget(self) -> None:
        """Begin as a new process does; for a child after a fork."""
        self._lock = Lock()  # another thread of the parent may have held it
        self._open = {}


def _line(error: BaseException) -> str:
    return str(error).partition("\n")[0]


def _causes(failures: Counter[str]) -> str:
    if not failures:
        return ""
    named = [f"{what}: {count}" for what, count in failures.most_common(_CAUSES)]
    rest = len(failures) - len(named)
    return f" ({'; '.join(named)}{f'; {rest} other kinds' if rest else ''})"


OUTAGES = Outages()
"""Those of this process."""

warn = OUTAGES.warn
answered = OUTAGES.answered
os.register_at_fork(after_in_child=OUTAGES.forget)
