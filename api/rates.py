"""Counting requests, together with other processes of the API where a broker is configured."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from limits import RateLimitItem
from limits.aio.storage import RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter as SharedLimiter
from limits.errors import StorageError
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from limits.util import WindowStats

from nophoto.models import outages
from nophoto.models.outages import OutageError

ALONE_SECONDS = 10.0
"""For which a process counts alone after the broker did not answer."""

_TIMEOUT = 0.25
"""Seconds that a request waits for the broker to count it."""

_PREFIX = "nophoto-rates"

_PARTS = 20
"""Parts of a limit; a process takes one at once, so that it asks the broker once for many requests.
What a process has not used of its part is lost when the window ends: a twentieth at most."""

_log = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(slots=True)
class _Taken:
    """Requests that are counted already, and may come until the window ends."""

    left: int
    until: float


class _CountingAloneError(OutageError):
    service = "the broker"


class _RedisStorage(RedisStorage):
    """With the one client that is used: limits loads all that are installed, megabytes each."""

    DEPENDENCIES = {"redis": RedisStorage.DEPENDENCIES["redis"]}  # noqa: RUF012 -- as its base


class Rates:
    """Counts in Redis or Valkey, and alone while none answers: the API works on without it.

    Args:
        broker_url: of the broker that is shared; empty to count alone always.
        now: seconds on a clock that never goes back.
    """

    def __init__(self, broker_url: str, now: Callable[[], float] = time.monotonic) -> None:
        self._own = FixedWindowRateLimiter(MemoryStorage())
        self._now = now
        self._alone_until = 0.0
        self._taken: dict[str, _Taken] = {}
        url = storage_url(broker_url)
        self._shared: SharedLimiter | None = None
        if url:
            storage = _RedisStorage(
                url, wrap_exceptions=True, implementation="redispy", key_prefix=_PREFIX
            )
            self._shared = SharedLimiter(storage)

    async def hit(self, limit: RateLimitItem, *names: str) -> bool:
        """Count a request; whether it is within the limit."""
        if self._shared is None:
            return self._own.hit(limit, *names)
        part = limit.amount // _PARTS
        taken = self._taken.get(limit.key_for(*names)) if part > 1 else None
        if taken and taken.left and self._now() < taken.until:
            taken.left -= 1
            return True
        counted = await self._take(self._shared, limit, max(1, part), *names)
        return self._own.hit(limit, *names) if counted is None else counted

    async def test(self, limit: RateLimitItem, *names: str) -> bool:
        """Whether one more request is within the limit; it is not counted."""
        shared = self._shared
        free = await self._asked(lambda: shared.test(limit, *names)) if shared else None
        return self._own.test(limit, *names) if free is None else free

    async def seconds_left(self, limit: RateLimitItem, *names: str) -> int:
        """Seconds until requests are within the limit again, one at least."""
        shared = self._shared
        stats: WindowStats | None = None
        if shared:
            stats = await self._asked(lambda: shared.get_window_stats(limit, *names))
        if stats is None:
            stats = self._own.get_window_stats(limit, *names)
        return max(1, round(stats.reset_time - time.time()))

    async def _take(
        self, shared: SharedLimiter, limit: RateLimitItem, part: int, *names: str
    ) -> bool | None:
        """Count `part` requests, the first of which is here; None where the broker is away."""
        key = limit.key_for(*names)
        is_within = await self._asked(lambda: shared.hit(limit, *names, cost=part))
        if not is_within or part == 1:
            return is_within
        ends = await self._asked(lambda: shared.storage.get_expiry(key))
        if ends is not None:
            # What another request has taken meanwhile counts too.
            before = self._taken.get(key)
            now = self._now()
            left = before.left if before and now < before.until else 0
            self._taken[key] = _Taken(left + part - 1, now + ends - time.time())
        return True

    async def _asked(self, ask: Callable[[], Awaitable[T]]) -> T | None:
        """What the broker says; None where it does not answer, or did not some seconds ago."""
        if self._now() < self._alone_until:
            return None
        try:
            async with asyncio.timeout(_TIMEOUT):
                answer = await ask()
        except (StorageError, OSError, TimeoutError) as error:
            self._alone_until = self._now() + ALONE_SECONDS
            outages.warn(
                _log,
                "requests are counted by this process alone",
                _CountingAloneError(f"the broker does not count requests ({error})"),
            )
            return None
        outages.answered(_CountingAloneError.service)
        return answer


def storage_url(broker_url: str) -> str:
    """The URL by which `limits` knows a broker; empty where it is neither Redis nor Valkey."""
    parts = urlsplit(broker_url)
    query = dict(parse_qsl(parts.query))
    if parts.scheme == "redis+socket":
        query = {"db": query["virtual_host"]} if "virtual_host" in query else {}
        return f"async+redis+unix://{parts.netloc}{parts.path}?{urlencode(query)}"
    if parts.scheme not in ("redis", "rediss"):
        return ""
    if wanted := query.get("ssl_cert_reqs"):
        # Celery's word for it, which the client alone does not know.
        query["ssl_cert_reqs"] = wanted.removeprefix("CERT_").lower()
    return parts._replace(scheme=f"async+{parts.scheme}", query=urlencode(query)).geturl()
