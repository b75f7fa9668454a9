"""A thread pool that gives up a call which hangs, and only that call."""

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from time import monotonic
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class GaveUp:
    """What stands in the place of the result of a call that outran its time."""


@dataclass
class _Call(Generic[T]):
    item: T
    started: float | None = None


@dataclass
class PatientPool:
    """Runs calls in threads, each for at most `patience` seconds.

    Python cannot stop a thread that sits in a decoder or in a dead network file system. Such a
    thread is left behind, and the calls that had not begun move to fresh threads, so that they
    wait for nobody's sins.

    Attributes:
        threads: calls that run at once.
        patience: seconds that one call may run.
    """

    threads: int
    patience: float
    _executor: ThreadPoolExecutor | None = field(default=None, init=False)

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> list[R | GaveUp]:
        """The results of `function` over `items`, in their order.

        An exception of `function` is raised here: a call that may fail returns its failure.
        """
        calls = [_Call(item) for item in items]
        results: list[R | GaveUp] = [GaveUp()] * len(calls)

        def run(call: _Call[T]) -> R:
            call.started = monotonic()
            return function(call.item)

        pending: dict[Future[R], int] = {
            self._submit(run, call): index for index, call in enumerate(calls)
        }
        while pending:
            done, _ = wait(pending, self._until_next_deadline(calls, pending), FIRST_COMPLETED)
            for future in done:
                results[pending.pop(future)] = future.result()
            overdue = [f for f, index in pending.items() if self._is_overdue(calls[index])]
            if overdue:
                for future in overdue:
                    del pending[future]
                self._leave_stuck_threads()
                for future, index in list(pending.items()):
                    if future.cancel():
                        del pending[future]
                        pending[self._submit(run, calls[index])] = index
        return results

    def _submit(self, run: Callable[[_Call[T]], R], call: _Call[T]) -> Future[R]:
        if self._executor is None:
            self._executor = ThreadPoolExecutor(self.threads, thread_name_prefix="picture")
        return self._executor.submit(run, call)

    def _leave_stuck_threads(self) -> None:
        if self._executor is not None:
            self._executor.shutdown(wait=False)
        self._executor = None

    def _is_overdue(self, call: _Call[T]) -> bool:
        return call.started is not None and monotonic() - call.started > self.patience

    def _until_next_deadline(self, calls: list[_Call[T]], pending: dict[Future[R], int]) -> float:
        started = [calls[index].started for index in pending.values()]
        earliest = min((s for s in started if s is not None), default=monotonic())
        return max(0.01, earliest + self.patience - monotonic() + 0.01)
