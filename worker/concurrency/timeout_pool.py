"""A thread pool that gives up a call which hangs, and only that call."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextvars import copy_context
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from time import monotonic
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class TimedOut:
    """What stands in the place of the result of a call that outran its time."""


@dataclass(eq=False)
class _Call(Generic[T]):
    item: T
    started: float = 0.0


@dataclass
class _Answer(Generic[T, R]):
    call: _Call[T]
    result: R | None
    error: BaseException | None = None


@dataclass
class TimeoutThreadPool:
    """Runs calls in threads, each for at most `timeout` seconds.

    Python cannot stop a thread that sits in a decoder or in a dead network file system. Such a
    thread is left behind and another takes its place, so that a stuck call does
    not delay the others. The threads are daemons: one that never ends does not keep its process
    from ending.

    Attributes:
        threads: calls that run at once.
        timeout: seconds that one call may run.
    """

    threads: int
    timeout: float
    stuck: int = field(default=0, init=False)
    """Threads that were left behind since the pool was made."""

    def run(
        self, function: Callable[[T], R], items: Iterable[T]
    ) -> Iterator[tuple[T, R | TimedOut]]:
        """Each item and the result of `function` over it, as they come: `run_blocks` over one."""
        blocks = self.run_blocks(function, [list(items)])
        return (answer for answers in blocks for answer in answers)

    def run_blocks(
        self,
        function: Callable[[T], R],
        blocks: Iterable[Sequence[T]],
        before: Callable[[], object] = lambda: None,
    ) -> Iterator[list[tuple[T, R | TimedOut]]]:
        """The items and the results of `function` over them, all that are there, as they come.

        The calls of the first block begin at once, whatever the caller does meanwhile; the next
        one is asked for when fewer calls wait than there are threads, so that no thread is idle at
        a block's end. No more begin once the caller stops iterating. An exception of `function` is
        raised here: a call that may fail returns its failure. What `before` takes, which a thread
        runs before each call, is no part of the call's time.
        """
        work = _Work(function, blocks, self.threads, before)
        work.draw()
        return self._results(work)

    def _results(self, work: "_Work[T, R]") -> Iterator[list[tuple[T, R | TimedOut]]]:
        try:
            while work.unanswered:
                answers = work.take(self.timeout)
                if not answers:
                    overdue = work.abandon_overdue(self.timeout)
                    self.stuck += len(overdue)
                    if overdue:
                        yield [(item, TimedOut()) for item in overdue]
                else:
                    yield answers
                work.draw()
        finally:
            work.cancel()


class _Work(Generic[T, R]):
    """The calls of one `run_blocks`, and the threads that take them one after the other."""

    def __init__(
        self,
        function: Callable[[T], R],
        blocks: Iterable[Sequence[T]],
        threads: int,
        before: Callable[[], object],
    ) -> None:
        self._function = function
        self._blocks = iter(blocks)
        self._threads = threads
        self._before = before
        self._waiting: deque[_Call[T]] = deque()
        self._running: set[_Call[T]] = set()
        self._at_work = 0
        self._lock = Lock()
        self._answers: SimpleQueue[_Answer[T, R]] = SimpleQueue()
        self.unanswered: set[_Call[T]] = set()

    def draw(self) -> None:
        """Take the next block in if too few calls wait; called by the iterating thread."""
        if len(self._waiting) >= self._threads:
            return
        # Not more than one: what is answered meanwhile waits for its taker.
        block = next(filter(None, self._blocks), ())
        calls = [_Call(item) for item in block]
        self.unanswered.update(calls)
        with self._lock:
            self._waiting.extend(calls)
            missing = min(self._threads - self._at_work, len(self._waiting))
            self._at_work += missing
        for _ in range(missing):
            self._start_thread()

    def take(self, timeout: float) -> list[tuple[T, R | TimedOut]]:
        """The answers that are there, once there is one; none where a call's time is over."""
        answers = []
        try:
            answers.append(self._answers.get(timeout=self._seconds_to_deadline(timeout)))
            while True:
                answers.append(self._answers.get_nowait())
        except Empty:
            pass
        taken: list[tuple[T, R | TimedOut]] = []
        for answer in answers:
            if answer.call not in self.unanswered:
                continue  # it came after all, when nobody waited any more
            self.unanswered.discard(answer.call)
            if answer.error is not None:
                raise answer.error
            taken.append((answer.call.item, answer.result))  # type: ignore[arg-type]
        return taken

    def abandon_overdue(self, timeout: float) -> list[T]:
        """Leave calls behind that run for too long, and replace their threads."""
        now = monotonic()
        with self._lock:
            overdue = [call for call in self._running if now - call.started >= timeout]
            self._running.difference_update(overdue)
        for call in overdue:
            self.unanswered.discard(call)
            self._start_thread()
        return [call.item for call in overdue]

    def cancel(self) -> None:
        with self._lock:
            self._waiting.clear()

    def _seconds_to_deadline(self, timeout: float) -> float:
        with self._lock:
            earliest = min((call.started for call in self._running), default=monotonic())
        return max(0.01, earliest + timeout - monotonic())

    def _start_thread(self) -> None:
        # In its starter's context, so that what it logs says what it is about.
        run = copy_context().run
        Thread(target=run, args=(self._take_calls,), name="picture", daemon=True).start()

    def _take_calls(self) -> None:
        while (call := self._next()) is not None:
            try:
                answer = _Answer[T, R](call, self._function(call.item))
            except BaseException as error:  # noqa: BLE001 - raised again in the iterating thread
                answer = _Answer(call, None, error)
            with self._lock:
                was_left_behind = call not in self._running
                self._running.discard(call)
            if was_left_behind:
                return  # another thread has taken this one's place
            self._answers.put(answer)

    def _next(self) -> _Call[T] | None:
        self._before()
        with self._lock:
            if not self._waiting:
                self._at_work -= 1
                return None
            call = self._waiting.popleft()
            call.started = monotonic()
            self._running.add(call)
            return call
