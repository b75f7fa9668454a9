"""Turns: a few work at once, a bounded number waits, and callers are served in turn."""

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

_ALL = 4
"""How many times as many requests of all callers may be here as of one."""


class FullError(Exception):
    """So many are here that no more are let in."""


class Turns:
    """Lets requests in, and gives them turns; for one event loop.

    A caller with many requests delays another by one of them, not by all.

    Args:
        at_once: requests that work at the same time.
        waiting: further requests of each caller that may be here.
        on_change: told how many wait.
    """

    def __init__(
        self, at_once: int, waiting: int, on_change: Callable[[int], None] = lambda _: None
    ) -> None:
        self._free = at_once
        self._most = at_once + waiting
        self._here: Counter[str] = Counter()
        self._queues: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()
        self._on_change = on_change

    @contextmanager
    def place(self, caller: str) -> Iterator[None]:
        """A place for a request of `caller` while the block runs, from before its body is read.

        Raises:
            FullError: if there is none.
        """
        if self._here[caller] >= self._most or self._here.total() >= _ALL * self._most:
            raise FullError
        self._here[caller] += 1
        try:
            yield
        finally:
            self._here[caller] -= 1
            if not self._here[caller]:
                del self._here[caller]

    @asynccontextmanager
    async def turn(self, caller: str) -> AsyncIterator[None]:
        """Wait for a turn, and have it while the block runs."""
        if self._free and not self._queues:
            self._free -= 1
        else:
            await self._wait(caller)
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, caller: str) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queues.setdefault(caller, deque()).append(turn)
        self._tell()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._pass_on()  # it had come, and is another's now
            else:
                self._forget(caller, turn)
            raise

    def _pass_on(self) -> None:
        while self._queues:
            caller, queue = self._queues.popitem(last=False)
            turn = queue.popleft()
            if queue:
                self._queues[caller] = queue  # behind the others
            self._tell()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    def _forget(self, caller: str, turn: asyncio.Future[None]) -> None:
        queue = self._queues.get(caller)
        if queue is not None and turn in queue:
            queue.remove(turn)
            if not queue:
                del self._queues[caller]
        self._tell()

    def _tell(self) -> None:
        self._on_change(sum(map(len, self._queues.values())))
