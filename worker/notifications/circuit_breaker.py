"""How fast an outlet is served: at full speed, or step by step while nothing gets through."""

from collections.abc import Callable
from random import uniform
from time import monotonic

_STRUCK_OUT = 32
"""Failures with no success between them after which the receiver is taken to be away."""

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0
"""Seconds between two trials of a receiver that is away."""

_LONGEST_DELAY = 3600.0


def again_in(attempts: int) -> float:
    """Seconds from the failure of attempt number `attempts` to the next: 1, 2, 4 … to an hour."""
    # Scattered, so that what failed together does not come back together.
    return float(min(_LONGEST_DELAY, 2.0 ** min(attempts - 1, 12))) * uniform(0.5, 1.5)  # noqa: S311


class CircuitBreaker:
    """Says how many notices may be sent now.

    After many failures in a row only one is, now and then, until it is taken: a receiver that is
    away for an hour costs little, and the notices that wait for it no attempts.

    Args:
        at_once: how many may be on their way at the same time.
        now: seconds on a clock that never goes back.
    """

    def __init__(self, at_once: int, now: Callable[[], float] = monotonic) -> None:
        self._at_once = at_once
        self._now = now
        self._failures = 0
        self._pause = _FIRST_PAUSE
        self._resumed_at = 0.0

    @property
    def is_away(self) -> bool:
        """Whether the receiver is taken to be away."""
        return self._failures >= _STRUCK_OUT

    def available_slots(self, on_the_way: int) -> int:
        """How many notices may be sent beside those that are on their way."""
        if not self.is_away:
            return self._at_once - on_the_way
        return 0 if on_the_way or self._now() < self._resumed_at else 1

    def note(self, *, taken: bool, retry_after: float = 0.0) -> None:
        """A notice was taken, or the receiver did not seem to be there.

        Args:
            taken: whether it was.
            retry_after: seconds for which the receiver asked to be left alone; until then nothing
                is sent, and then one notice as a trial.
        """
        if taken:
            self._failures, self._pause = 0, _FIRST_PAUSE
            return
        self._failures += 1
        if retry_after:
            self._failures = max(self._failures, _STRUCK_OUT)
            self._resumed_at = max(self._resumed_at, self._now() + retry_after)
            return
        # Those that were on their way when it went away say nothing new.
        if self.is_away and self._now() >= self._resumed_at:
            self._resumed_at = self._now() + self._pause
            self._pause = min(2 * self._pause, _LONGEST_PAUSE)
