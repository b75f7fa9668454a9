"""One piece of work that goes on in the background."""

from collections.abc import Callable
from contextvars import copy_context
from threading import Thread


class BackgroundWriter:
    """Runs calls in a thread, one at a time, while the caller goes on.

    An exception of a call is printed by Python, as that of any thread; a call that may fail is to
    say so itself. The thread is a daemon, so that a call that hangs keeps no process from ending:
    wait for the last one before the process ends.
    """

    def __init__(self) -> None:
        self._thread: Thread | None = None

    def run(self, call: Callable[[], object]) -> None:
        """Run `call`, in its caller's context, once the call before has ended."""
        self.wait()
        self._thread = Thread(
            target=copy_context().run, args=(call,), name="background", daemon=True
        )
        self._thread.start()

    def wait(self) -> None:
        """Wait for the call that runs, if one does."""
        if self._thread is not None:
            self._thread.join()
            self._thread = None
