"""Who is logged in, and how often somebody may guess; both live as long as the process."""

import secrets
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from time import monotonic

COOKIE = "nophoto-session"

_FAILURES = 5
_WINDOW = 300.0
"""Seconds in which so many failures of one name, or four times as many of one address, are let."""


@dataclass(slots=True)
class _Session:
    user: str
    used: float


class Sessions:
    """Random tokens that stand for users until they go unused for too long.

    Args:
        idle_seconds: after which a session ends.
        now: seconds on a clock that never goes back.
    """

    def __init__(self, idle_seconds: float, now: Callable[[], float] = monotonic) -> None:
        self._idle = idle_seconds
        self._now = now
        self._open: dict[str, _Session] = {}
        self._lock = Lock()

    def begin(self, user: str) -> str:
        """A new token for `user`."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._forget_old()
            self._open[token] = _Session(user, self._now())
        return token

    def user(self, token: str | None) -> str | None:
        """Who `token` stands for; None where it is unknown or has ended."""
        with self._lock:
            session = self._open.get(token or "")
            if session is None or self._now() - session.used > self._idle:
                self._open.pop(token or "", None)
                return None
            session.used = self._now()
            return session.user

    def end(self, token: str | None) -> None:
        """Let `token` stand for nobody."""
        with self._lock:
            self._open.pop(token or "", None)

    def _forget_old(self) -> None:
        old = [t for t, s in self._open.items() if self._now() - s.used > self._idle]
        for token in old:
            del self._open[token]


class Attempts:
    """Counts failed logins, so that guessing a password takes for ever."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._failed: defaultdict[tuple[str, str], deque[float]] = defaultdict(deque)
        self._lock = Lock()

    def are_exhausted(self, name: str, address: str) -> bool:
        """Whether nobody may try the name, or from the address, for a while."""
        with self._lock:
            return (
                self._recent(("name", name)) >= _FAILURES
                or self._recent(("address", address)) >= 4 * _FAILURES
            )

    def failed(self, name: str, address: str) -> None:
        """Count a failure."""
        with self._lock:
            for key in (("name", name), ("address", address)):
                self._failed[key].append(self._now())

    def _recent(self, key: tuple[str, str]) -> int:
        times = self._failed.get(key)
        while times and self._now() - times[0] > _WINDOW:
            times.popleft()
        if not times:
            self._failed.pop(key, None)
            return 0
        return len(times)
