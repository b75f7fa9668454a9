"""Embedding pictures as they come from the decoders."""

from collections import deque
from collections.abc import Callable
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from nophoto.worker.inference.network import Network
from nophoto.worker.inference.results import Pixels

_UNDER_WAY = 16
"""Calls that the engine was given and whose embeddings were not taken yet, at most: so many that
it is not idle while others read, decode and ask the database."""


class BatchEmbedder:
    """Gives the network pictures while others are decoded; any thread may add some.

    Args:
        network: what embeds; nobody else may give it pictures before `flush` has returned.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self._lock = Lock()
        self._waiting: list[Pixels] = []
        self._under_way: deque[tuple[list[str], Callable[[], NDArray[np.float16]]]] = deque()
        self._vectors: dict[str, NDArray[np.float16]] = {}

    def add(self, picture: Pixels) -> None:
        """Embed `picture`, now or when there are enough for a call of the engine."""
        with self._lock:
            self._waiting.append(picture)
            if len(self._waiting) == self._network.engine.at_once:
                self._start()

    def flush(self) -> None:
        """Embed what waits for others, now that none comes any more."""
        with self._lock:
            if self._waiting:
                self._start()

    def finish(self) -> dict[str, NDArray[np.float16]]:
        """The embeddings of all pictures that were added, by digest, after `flush`."""
        with self._lock:
            while self._under_way:
                self._take()
            return self._vectors

    def _start(self) -> None:
        if len(self._under_way) == _UNDER_WAY:
            self._take()
        digests = [picture.digest for picture in self._waiting]
        first = self._waiting[0].pixels[np.newaxis]
        # Nothing is copied where the engine takes one picture at a time.
        pixels = first if len(digests) == 1 else np.stack([p.pixels for p in self._waiting])
        self._waiting.clear()
        self._under_way.append((digests, self._network.start(pixels)))

    def _take(self) -> None:
        digests, finish = self._under_way.popleft()
        self._vectors.update(zip(digests, finish(), strict=True))
