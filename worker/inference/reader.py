"""Reading the files of pictures, ahead of their decoding."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from threading import Condition

from nophoto.models.vision.pictures import PictureError
from nophoto.models.vocabulary import FailureCode
from nophoto.worker.concurrency.timeout_pool import TimedOut, TimeoutThreadPool
from nophoto.worker.inference.results import PictureFailure
from nophoto.worker.telemetry.metrics import timed

FileBlock = Sequence[tuple[str, "BufferedFile | PictureFailure"]]
"""What is at some URIs."""

HELD_BYTES = 32 * 2**20
"""Of files, between reading and decoding, from which on reading waits for decoding."""

BLOCK = 64
"""Files that are enough to be handed over together: few questions to the database, and while these
are decoded the next are read."""

FETCHES = 32
"""Threads that read where a picture is in another machine's storage: they mostly wait."""

_LONGEST_WAIT = 1.0
"""Seconds that a reader waits for room: a decoder that hangs must not stop all others."""


class Budget:
    """How many bytes of files are held; any thread may take some.

    Args:
        size: bytes from which on it is full.
    """

    def __init__(self, size: int) -> None:
        self._left = size
        self._changed = Condition()

    @property
    def is_full(self) -> bool:
        """Whether reading should wait until something is given back."""
        return self._left <= 0

    def take(self, size: int) -> None:
        """Count `size` bytes as held, even if this exceeds the budget."""
        with self._changed:
            self._left -= size

    def give_back(self, size: int) -> None:
        """Count `size` bytes as held no more."""
        with self._changed:
            self._left += size
            self._changed.notify_all()

    def wait(self) -> None:
        """Wait until it is not full, but not for long."""
        with self._changed:
            self._changed.wait_for(lambda: not self.is_full, _LONGEST_WAIT)


@dataclass(slots=True, eq=False)
class BufferedFile:
    """A file that was read, and whose bytes are held until they are released."""

    digest: str
    data: bytes = field(repr=False)
    _budget: Budget = field(repr=False)

    def release(self) -> None:
        """Hold the bytes no more; a second time does nothing."""
        size, self.data = len(self.data), b""
        self._budget.give_back(size)


class Reader:
    """Reads pictures in threads.

    Args:
        read: the bytes at a URI; raises `PictureError`, and is called from several threads.
        threads: that read local files.
        fetches: threads that read where files come from other hosts.
        timeout: seconds that reading one picture may take.
    """

    def __init__(
        self, read: Callable[[str], bytes], threads: int, fetches: int, timeout: float
    ) -> None:
        self._read = read
        self._local = TimeoutThreadPool(threads, timeout)
        self._remote = TimeoutThreadPool(max(threads, fetches), timeout)

    def blocks(self, uris: Sequence[str]) -> Iterator[FileBlock]:
        """What is at each of `uris`, as it comes.

        Reading goes on, up to `HELD_BYTES`, while the caller works on a block; it is to release
        every file.
        """
        budget = Budget(HELD_BYTES)
        pool = self._remote if any("://" in uri for uri in uris) else self._local
        read = partial(_read_file, self._read, budget)
        block: list[tuple[str, BufferedFile | PictureFailure]] = []
        for files in pool.run_blocks(read, [uris], before=budget.wait):
            for uri, file in files:
                if isinstance(file, TimedOut):
                    block.append((uri, _gave_up(pool.timeout)))
                else:
                    block.append((uri, file))
            if len(block) >= BLOCK or budget.is_full:
                yield block
                block = []
        if block:
            yield block


def _gave_up(timeout: float) -> PictureFailure:
    return PictureFailure(
        FailureCode.TIMEOUT,
        f"reading the picture took more than {timeout:g} seconds; send a smaller one, look at its "
        "storage, or raise NOPHOTO_PICTURE_TIMEOUT",
    )


def _read_file(
    read: Callable[[str], bytes], budget: Budget, uri: str
) -> BufferedFile | PictureFailure:
    try:
        with timed("read"):
            data = read(uri)
    except PictureError as error:
        return PictureFailure(error.code, str(error))
    budget.take(len(data))
    return BufferedFile(sha256(data).hexdigest(), data, budget)
