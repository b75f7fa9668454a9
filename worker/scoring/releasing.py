"""Queueing uploads again whose chunk a failing database interrupted."""

import logging
from collections import deque
from contextvars import copy_context
from threading import Event, Lock, Thread
from uuid import UUID

from nophoto.models.records.database import DATABASE_ERRORS, Database
from nophoto.models.records.scoring.claims import release

_EVERY = 1.0
"""Seconds between two tries: less than the sweep takes to send the uploads to others."""

_log = logging.getLogger(__name__)


class Releaser:
    """Releases claims from a thread, as soon as the database answers.

    The attempt that the database interrupted is then not counted: otherwise a sound upload would
    be given up as `crashed`. What is not released when the process ends is left to its lease.

    Args:
        database: where the uploads are.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tokens: deque[UUID] = deque()
        self._lock = Lock()
        self._thread: Thread | None = None
        self._ending = Event()

    def add(self, token: UUID) -> None:
        """Release what `token` holds, some time soon."""
        with self._lock:
            self._tokens.append(token)
            if self._thread is None:
                self._thread = Thread(
                    target=copy_context().run, args=(self._run,), name="releaser", daemon=True
                )
                self._thread.start()

    def finish(self) -> None:
        """Wait until all is released, but no longer than for one more try."""
        self._ending.set()
        thread = self._thread
        if thread is not None:
            thread.join()
        self._ending.clear()

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._tokens:
                    self._thread = None
                    return
                token = self._tokens[0]
            try:
                with self._database.transaction() as session:
                    ids = release(session, token)
            except DATABASE_ERRORS:
                if self._ending.wait(_EVERY):
                    with self._lock:
                        self._thread = None
                    return
                continue
            if ids:
                _log.info("%d uploads that the database interrupted are queued again", len(ids))
            self._tokens.popleft()
