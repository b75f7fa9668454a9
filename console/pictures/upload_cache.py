"""The bytes of pictures that somebody tried and may make references of, for a little while."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from threading import Lock
from time import monotonic

from cachetools import TTLCache

KEPT_SECONDS = 600.0
MOST_BYTES = 128 << 20
"""Of all pictures together, of all users and tabs."""

_LOOKED_AFTER = 15.0
"""Seconds between two looks for what is too old."""


class UploadCache:
    """Keeps pictures by their digest, in memory alone; any thread may call it.

    Args:
        now: seconds on a clock that never goes back.
    """

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._kept: TTLCache[str, bytes] = TTLCache(
            MOST_BYTES, KEPT_SECONDS, timer=now, getsizeof=len
        )
        self._lock = Lock()

    def put(self, digest: str, data: bytes) -> None:
        """Keep a picture, in place of those used longest ago if there is no room."""
        # One that is larger than all of the room is not kept.
        with self._lock, suppress(ValueError):
            self._kept[digest] = data

    def get(self, digest: str) -> bytes | None:
        """The picture of this digest; None where it is not kept any more."""
        with self._lock:
            return self._kept.get(digest)

    def forget_old(self) -> None:
        """Let go what was put too long ago."""
        with self._lock:
            self._kept.expire()

    async def look_after(self) -> None:
        """Let go what grows too old until this is cancelled: nobody need ask for it."""
        while True:
            await asyncio.sleep(_LOOKED_AFTER)
            self.forget_old()
