"""Running a worker: checks first, then chunks until it is told to stop."""

import gc
import logging
import os
import warnings
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from socket import gethostname

from celery import Celery
from celery.platforms import ROOT_DISCOURAGED

from nophoto.migrations import check
from nophoto.models.records.database import Database
from nophoto.models.records.versions import model_versions
from nophoto.models.vision.versions import ModelVersion
from nophoto.worker.broker.app import BACKENDS, LANES, QUEUES, SWEEPS, create_app
from nophoto.worker.broker.publisher import check_broker
from nophoto.worker.context import WorkerContext
from nophoto.worker.decoding.pool import start_beside
from nophoto.worker.matching.active_judge import active_version
from nophoto.worker.notifications.run import subscribe
from nophoto.worker.process.celery_logs import count_outages_of_celery
from nophoto.worker.process.lifecycle import (
    end_slow_children_on_stop,
    send_sweeps,
    trace_children,
    warm_up_children,
)
from nophoto.worker.process.presence import report_presence
from nophoto.worker.settings import Settings
from nophoto.worker.storage.storage import storage_of
from nophoto.worker.tasks.uploads import register
from nophoto.worker.telemetry.liveness import reporting_liveness
from nophoto.worker.telemetry.logs import configure_logging
from nophoto.worker.telemetry.metrics import serve
from nophoto.worker.telemetry.tracing import check_telemetry_installed
from nophoto.worker.versions.registry import open_registered

_log = logging.getLogger(__name__)


def run_worker(
    settings: Settings, lanes: Sequence[str] = LANES, decoding: Future[None] | None = None
) -> int:
    """Judge uploads until SIGTERM or Ctrl-C; call it from the main thread.

    Chunks run in child processes (Celery's prefork pool). A single process would save the
    parent's memory, but only a child can be ended when a decoder crashes or hangs inside C code;
    a single process would end with it. Every worker also sends the sweep on its way, so that
    none of them is special: two sweeps at once share the work.

    Args:
        settings: what it works with.
        lanes: the queues that it takes chunks from.
        decoding: what `start_beside` gave, where that was called already.

    Returns:
        The exit status: 0 after a clean stop.

    Raises:
        NophotoError: before any work, if the database, the model version, a root, the broker or
            the decoding process is not fit for it.
    """
    configure_logging(settings)
    count_outages_of_celery()
    app = create_app(settings)
    context = WorkerContext(settings, _check(settings, app, decoding or start_beside(settings)))
    register(app, context)
    # Before the pool forks its children.
    with serve(settings), reporting_liveness(app, settings.home_folder, "worker"):
        return _work(app, settings, context, lanes)


def _work(app: Celery, settings: Settings, context: WorkerContext, lanes: Sequence[str]) -> int:
    with warnings.catch_warnings():
        # Celery discourages root for the sake of pickled messages, which are never accepted here.
        warnings.filterwarnings("ignore", ROOT_DISCOURAGED[:20])
        worker = app.Worker(
            pool="prefork",
            concurrency=settings.processes,
            queues=[name for name in QUEUES if name in (*lanes, BACKENDS, SWEEPS)],
            hostname=f"nophoto-{os.getpid()}@{gethostname()}",
            loglevel="INFO",
            quiet=True,
            # Talk among workers, which costs a second at the start and serves nothing here.
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=not settings.celery_events,
        )
    with (
        trace_children(settings, "worker"),
        warm_up_children(context),
        # After that, which lets go of connections: this one makes the child's own.
        report_presence(context, lanes, lambda: context.judge.version_id()),
        send_sweeps(app, settings),
        end_slow_children_on_stop(worker) as asked_to_stop,
    ):
        # What is there by now stays for good. Nothing looks through it for garbage any more, which
        # would write to memory that the children share with this process.
        gc.freeze()
        gc.enable()
        worker.start()
    _log.info("worker stopped")
    # Celery takes Ctrl-C for a failure.
    return 0 if asked_to_stop.is_set() else int(worker.exitcode or 0)


def _check(settings: Settings, app: Celery, decoding: Future[None]) -> ModelVersion:
    """Make sure that all is there, and return the version that judges."""
    check_telemetry_installed(settings)
    with ThreadPoolExecutor(1) as beside:
        check(settings.effective_database_url)
        storage_of(settings)
        database = Database(settings.effective_database_url)
        with database.reading() as session:
            active = active_version(model_versions.active(session), database)
        # The digests of a version's files are computed without Python's lock.
        opening = beside.submit(open_registered, active, settings)
        # Here as well as in the sender: nothing that is judged before it starts goes untold.
        subscribe(database, settings)
        database.close()
        check_broker(app)
        version = opening.result()
        decoding.result()
    if not settings.roots:
        _log.warning("NOPHOTO_ROOTS names no folder: every upload will fail as `forbidden`")
    return version
