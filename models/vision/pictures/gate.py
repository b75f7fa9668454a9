"""Lets threads decode large pictures one at a time: each may take hundreds of megabytes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Protocol

LARGE = 16_000_000
"""Pixels, as they are decoded, from which on a picture is large: in RGB some 64 MB of memory.

Hardly any JPEG is, since it is shrunk while it is read.
"""

TIMEOUT = 8.0
"""Seconds to wait for the large picture before: a decoder that hangs must not stop all others."""


class Turns(Protocol):
    """A lock that one large picture holds at a time."""

    def acquire(self, *, timeout: float) -> bool:
        """Whether it was got within `timeout` seconds."""

    def release(self) -> None:
        """Let the next one in."""


@dataclass
class LargeImageLock:
    """Keeps large pictures apart.

    Attributes:
        timeout: seconds after which a large picture goes in beside another one.
        turns: of the threads of this process, unless somebody sets what it shares with others.
    """

    timeout: float = TIMEOUT
    turns: Turns = field(default_factory=Lock)

    @contextmanager
    def passing(self, size: tuple[int, int]) -> Iterator[None]:
        """Decode a picture of `size` (width, height) inside; small ones never wait."""
        width, height = size
        is_alone = width * height >= LARGE and self.turns.acquire(timeout=self.timeout)
        try:
            yield
        finally:
            if is_alone:
                self.turns.release()


LARGE_IMAGE_LOCK = LargeImageLock()
"""Of this process."""
