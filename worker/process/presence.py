"""Every process of a worker tells the database that it lives, and what it does."""

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from socket import gethostname
from time import monotonic
from typing import Any

from celery import signals
from sqlalchemy.exc import DatabaseError

from nophoto.models import outages
from nophoto.models.records.database import DatabaseUnreachableError
from nophoto.models.records.scoring import workers
from nophoto.models.records.scoring.workers import Presence
from nophoto.worker.concurrency.periodic import Periodic
from nophoto.worker.context import WorkerContext
from nophoto.worker.process.lifecycle import connected

_EVERY = 5.0
"""Seconds between two words; `workers.SILENT_SECONDS` lets some of them be lost."""

_TIMEOUT = 2.0
"""Seconds that the last word may take."""

_log = logging.getLogger(__name__)


@contextmanager
def report_presence(
    context: WorkerContext, lanes: Sequence[str], version: Callable[[], str | None] = lambda: None
) -> Iterator[None]:
    """Have each child that is forked in the block tell of itself until it ends.

    Args:
        context: whose database is told.
        lanes: the queues that the worker takes from.
        version: names the model version by which the child judges.
    """
    telling = _WorkerHeartbeat(context, lanes, version)
    with (
        connected(signals.worker_process_init, telling.start),
        connected(signals.worker_process_shutdown, telling.end),
        connected(signals.task_prerun, telling.begin_task),
        connected(signals.task_postrun, telling.end_task),
    ):
        yield


class _WorkerHeartbeat:
    def __init__(
        self, context: WorkerContext, lanes: Sequence[str], version: Callable[[], str | None]
    ) -> None:
        self._context = context
        self._lanes = lanes
        self._version = version
        self._task: tuple[str, float] | None = None
        self._has_arrived = False
        self._periodic = Periodic("worker-heartbeat", _EVERY, self._beat)

    def start(self, **_: Any) -> None:
        # In a thread: a child that is not up within four seconds is considered dead.
        self._periodic.start()

    def end(self, **_: Any) -> None:
        self._periodic.stop(wait_seconds=_TIMEOUT)
        # A worker that cannot deregister expires by timeout.
        with (
            suppress(DatabaseUnreachableError, DatabaseError),
            self._context.database.transaction() as session,
        ):
            workers.leave(session, gethostname(), os.getpid())

    def begin_task(self, task: Any = None, **_: Any) -> None:
        self._task = (task.name, monotonic())

    def end_task(self, **_: Any) -> None:
        self._task = None

    def _beat(self) -> None:
        note = workers.heartbeat if self._has_arrived else workers.arrive
        try:
            with self._context.database.transaction() as session:
                note(session, self._presence())
            self._has_arrived = True
        except (DatabaseUnreachableError, DatabaseError) as error:
            outages.warn(_log, "worker heartbeat failed", error)

    def _presence(self) -> Presence:
        name, since = self._task or (None, monotonic())
        return Presence(
            gethostname(), os.getpid(), self._lanes, name, monotonic() - since, self._version()
        )
