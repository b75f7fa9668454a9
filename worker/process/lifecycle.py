"""What happens in a worker's processes beside the chunks: warming up, sweeping, stopping."""

import logging
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from threading import Event, Thread, Timer
from time import sleep
from typing import Any

from celery import Celery, signals
from celery.utils.dispatch import Signal
from kombu.exceptions import OperationalError
from sqlalchemy.exc import DatabaseError
from threadpoolctl import threadpool_limits

from nophoto.models import outages
from nophoto.models.errors import NophotoError
from nophoto.models.outages import OutageError
from nophoto.models.records.database import DatabaseUnreachableError
from nophoto.worker.broker.app import SWEEPS
from nophoto.worker.broker.publisher import BrokerUnreachableError
from nophoto.worker.concurrency.periodic import Periodic
from nophoto.worker.context import WorkerContext
from nophoto.worker.process.fork import detach_inherited_sockets
from nophoto.worker.process.malloc import limit_arenas, set_mmap_threshold
from nophoto.worker.settings import Settings
from nophoto.worker.telemetry.tracing import start_tracing

GRACE_SECONDS = 5.0
"""How long a chunk may go on after the worker was told to stop: longer than sound ones take."""

_LOOKED_AHEAD_EVERY = 5.0
"""Seconds between two looks at which version is to judge next, where it may have to be fetched."""

_SETTLED_AFTER = 1.0
"""Seconds that the first pictures have a worker's processors for themselves."""

_log = logging.getLogger(__name__)


@contextmanager
def warm_up_children(context: WorkerContext) -> Iterator[None]:
    """Have every child open the network at its start, and write what it began before it ends.

    The processes that decode start meanwhile, so that the first picture waits for neither.
    Where the next version is in an object store, it is fetched while there is nothing to do.
    """

    def warm_up() -> None:
        try:
            with ThreadPoolExecutor(1) as beside:
                # One is enough for the first picture; more would compete with the network.
                decoding = beside.submit(context.decoders.start)
                context.judge.current()
                decoding.result()
            # And with the first verdict. A chunk that needs them sooner starts them.
            sleep(_SETTLED_AFTER)
            context.decoders.start(context.settings.thread_count)
        # The first chunk meets it again; here it only comes into the log early.
        except OutageError as error:
            outages.warn(_log, "the network is opened later", error)
        except NophotoError as error:
            _log.error("%s", error)
        prefetching.start()

    def fetch_ahead() -> None:
        # Whatever this host's settings: another may have put the version into a store. What the
        # database says of itself, the process's other threads tell.
        with suppress(DatabaseUnreachableError, DatabaseError):
            context.judge.fetch_ahead()

    prefetching = Periodic(
        "prefetch", _LOOKED_AHEAD_EVERY, fetch_ahead, first_after=_LOOKED_AHEAD_EVERY
    )

    def in_child(**_: Any) -> None:
        detach_inherited_sockets()
        # The product with the references is small beside the network, whose threads BLAS's own
        # would only wait for.
        threadpool_limits(1, user_api="blas")
        set_mmap_threshold()
        limit_arenas()
        # In a thread: a child that is not up within four seconds is considered dead.
        Thread(target=warm_up, name="warm-up", daemon=True).start()

    def at_end(**_: Any) -> None:
        prefetching.stop()
        context.finish()

    with (
        connected(signals.worker_process_init, in_child),
        connected(signals.worker_process_shutdown, at_end),
    ):
        yield


@contextmanager
def trace_children(settings: Settings, part: str) -> Iterator[None]:
    """Have every child trace what it does, where the settings say whereto."""

    def in_child(**_: Any) -> None:
        # Not in the parent: the thread that sends spans would not be in its children.
        start_tracing(settings, part)

    with connected(signals.worker_process_init, in_child):
        yield


@contextmanager
def detach_children() -> Iterator[None]:
    """Have every child let go of the connections that it inherited."""

    def in_child(**_: Any) -> None:
        detach_inherited_sockets()

    with connected(signals.worker_process_init, in_child):
        yield


@contextmanager
def send_sweeps(app: Celery, settings: Settings) -> Iterator[None]:
    """Send `nophoto.sweep` once the worker has settled, and then every `sweep_seconds`."""

    def send() -> None:
        try:
            # One that waited until the next is due has nothing to add.
            app.send_task(
                "nophoto.sweep", queue=SWEEPS, expires=settings.sweep_seconds, retry=False
            )
        except OperationalError as error:
            outages.warn(_log, "the sweep was not sent", BrokerUnreachableError(str(error)))
        else:
            outages.answered(BrokerUnreachableError.service)

    sweeps = Periodic("sweep", settings.sweep_seconds, send, first_after=_SETTLED_AFTER)
    with (
        connected(signals.worker_ready, sweeps.start),
        connected(signals.worker_shutting_down, sweeps.stop),
    ):
        yield


@contextmanager
def end_slow_children_on_stop(worker: Any) -> Iterator[Event]:
    """End chunks that still run some seconds after the stop; they give their uploads back.

    Yields:
        What is set once somebody has asked the worker to stop.
    """
    asked = Event()

    def end() -> None:
        # Celery lets go of it once all children have ended, perhaps meanwhile.
        pool = worker.pool._pool if worker.pool else None
        for process in [*pool._pool] if pool else ():
            if process.is_alive():
                _log.warning("process %d has not finished its chunk; ending it", process.pid)
                # Celery's children raise SystemExit on it.
                os.kill(process.pid, signal.SIGTERM)

    def wait(**_: Any) -> None:
        asked.set()
        timer = Timer(GRACE_SECONDS, end)
        timer.daemon = True
        timer.start()

    with connected(signals.worker_shutting_down, wait):
        yield asked


@contextmanager
def connected(event: Signal, receiver: Callable[..., None]) -> Iterator[None]:
    """Have `receiver` called on a signal of Celery's while the block runs."""
    event.connect(receiver, weak=False)
    try:
        yield
    finally:
        event.disconnect(receiver)
