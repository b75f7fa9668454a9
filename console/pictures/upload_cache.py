"""The bytes of pictures that somebody tried and may make references of, for a little while."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from time import monotonic

KEPT_SECONDS = 600.0
MOST_BYTES = 128 << 20
"""Of all pictures together, whoever tried them and in however many tabs."""

_LOOKED_AFTER = 15.0
"""Seconds between two looks for what is too old."""


@dataclass(frozen=True, slots=True)
class _Kept:
    data: bytes
    since: float


class UploadCache:
    """Keeps pictures by their digest, in memory alone; any thread may call it.

    Args:
        now: seconds on a clock that never goes back.
    """

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    def put(self, digest: str, data: bytes) -> None:
        """Keep a picture, in place of those put first if there is no room."""
        with self._lock:
            self._drop(digest)
            self._kept[digest] = _Kept(data, self._now())
            self._size += len(data)
            while self._size > MOST_BYTES:
                self._drop(next(iter(self._kept)))

    def get(self, digest: str) -> bytes | None:
        """The picture of this digest; None where it is not kept any more."""
        self.forget_old()
        with self._lock:
            kept = self._kept.get(digest)
        return kept.data if kept else None

    def forget_old(self) -> None:
        """Let go what was put too long ago."""
        with self._lock:
            oldest = self._now() - KEPT_SECONDS
            for digest in [digest for digest, kept in self._kept.items() if kept.since < oldest]:
                self._drop(digest)

    async def look_after(self) -> None:
        """Let go what grows too old until this is cancelled: nobody need ask for it."""
        while True:
            await asyncio.sleep(_LOOKED_AFTER)
            self.forget_old()

    def _drop(self, digest: str) -> None:
        kept = self._kept.pop(digest, None)
        if kept:
            self._size -= len(kept.data)
