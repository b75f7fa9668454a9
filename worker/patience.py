"""A thread pool that gives up a call which hangs, and only that call."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from time import monotonic
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class GaveUp:
    """What stands in the place of the result of a call that outran its time."""


@dataclass(eq=False)
class _Call(Generic[T]):
    place: int
    item: T
    started: float = 0.0


@dataclass
class _Answer(Generic[R]):
    place: int
    result: R | None
    error: BaseException | None = None


@dataclass
class PatientPool:
    """Runs calls in threads, each for at most `patience` seconds.

    Python cannot stop a thread that sits in a decoder or in a dead network file system. Such a
    thread is left behind and another takes its place, so that the calls that have not begun wait
    for nobody's sins. The threads are daemons: one that never ends does not keep its process
    from ending.

    Attributes:
        threads: calls that run at once.
        patience: seconds that one call may run.
    """

    threads: int
    patience: float
    stuck: int = field(default=0, init=False)
    """Threads that were left behind since the pool was made."""

    def run(
        self, function: Callable[[T], R], items: Iterable[T]
    ) -> Iterator[tuple[int, R | GaveUp]]:
        """The place of each item and the result of `function` over it, as they come.

        The calls begin at once, whatever the caller does meanwhile; no more begin once the
        caller stops iterating. An exception of `function` is raised here: a call that may fail
        returns its failure.
        """
        work = _Work(function, items, self.threads)
        return self._results(work)

    def _results(self, work: "_Work[T, R]") -> Iterator[tuple[int, R | GaveUp]]:
        try:
            while work.unanswered:
                try:
                    answer = work.answers.get(timeout=work.seconds_to_deadline(self.patience))
                except Empty:
                    for place in work.abandon_overdue(self.patience):
                        self.stuck += 1
                        yield place, GaveUp()
                    continue
                if answer.place not in work.unanswered:
                    continue  # it came after all, when nobody waited any more
                work.unanswered.discard(answer.place)
                if answer.error is not None:
                    raise answer.error
                yield answer.place, answer.result  # type: ignore[misc]
        finally:
            work.cancel()


class _Work(Generic[T, R]):
    """The calls of one `run`, and the threads that take them one after the other."""

    def __init__(self, function: Callable[[T], R], items: Iterable[T], threads: int) -> None:
        self._function = function
        self._waiting = deque(_Call(place, item) for place, item in enumerate(items))
        self._running: set[_Call[T]] = set()
        self._lock = Lock()
        self.answers: SimpleQueue[_Answer[R]] = SimpleQueue()
        self.unanswered = {call.place for call in self._waiting}
        for _ in range(min(threads, len(self._waiting))):
            self._start_thread()

    def seconds_to_deadline(self, patience: float) -> float:
        with self._lock:
            earliest = min((call.started for call in self._running), default=monotonic())
        return max(0.01, earliest + patience - monotonic())

    def abandon_overdue(self, patience: float) -> list[int]:
        """Leave calls that run for too long behind, and start threads in the place of theirs."""
        now = monotonic()
        with self._lock:
            overdue = [
                c for c in self._running if c.started is not None and now - c.started >= patience
            ]
            self._running.difference_update(overdue)
        for call in overdue:
            self.unanswered.discard(call.place)
            self._start_thread()
        return [call.place for call in overdue]

    def cancel(self) -> None:
        with self._lock:
            self._waiting.clear()

    def _start_thread(self) -> None:
        Thread(target=self._take_calls, name="picture", daemon=True).start()

    def _take_calls(self) -> None:
        while (call := self._next()) is not None:
            try:
                answer = _Answer[R](call.place, self._function(call.item))
            except BaseException as error:  # noqa: BLE001 - raised again by whoever iterates
                answer = _Answer(call.place, None, error)
            with self._lock:
                was_left_behind = call not in self._running
                self._running.discard(call)
            if was_left_behind:
                return  # another thread has taken this one's place
            self.answers.put(answer)

    def _next(self) -> _Call[T] | None:
        with self._lock:
            if not self._waiting:
                return None
            call = self._waiting.popleft()
            call.started = monotonic()
            self._running.add(call)
            return call
