"""Calling a function from a thread again and again, for what a process does beside its work."""

from collections.abc import Callable
from contextvars import copy_context
from threading import Event, Thread
from typing import Any, Self


class Periodic:
    """Calls `action` every so many seconds from a thread of its own until it is stopped.

    `start` and `stop` take and ignore the arguments of Celery's signals. As a context manager it
    runs while the block does. The thread ends with the process.

    Args:
        name: of the thread.
        seconds: from the end of a call to the next.
        action: handles its own errors; one that it lets through ends the thread.
        first_after: seconds from the start to the first call.
    """

    def __init__(
        self, name: str, seconds: float, action: Callable[[], object], *, first_after: float = 0
    ) -> None:
        self._seconds = seconds
        self._action = action
        self._first_after = first_after
        self._stopping = Event()
        self._name = name
        # Of its maker, so that its log lines name the same work.
        self._context = copy_context()
        self._thread: Thread | None = None

    def start(self, **_: Any) -> None:
        """Begin to call."""
        # Made here: one that was made before a fork counts as ended in the child.
        self._thread = Thread(
            target=self._context.run, args=(self._run,), name=self._name, daemon=True
        )
        self._thread.start()

    def stop(self, *, wait_seconds: float = 0, **_: Any) -> None:
        """Begin no further call.

        Args:
            wait_seconds: for which to wait at most for a call under way.
        """
        self._stopping.set()
        if wait_seconds and self._thread:
            self._thread.join(wait_seconds)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self) -> None:
        pause = self._first_after
        while not self._stopping.wait(pause):
            self._action()
            pause = self._seconds
