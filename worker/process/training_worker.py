"""Running a training worker: one retraining at a time, apart from the workers that judge."""

import logging
import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from socket import gethostname

from celery import Celery, signals
from celery.platforms import ROOT_DISCOURAGED
from sqlalchemy.exc import OperationalError

from nophoto.migrations import check
from nophoto.models import outages
from nophoto.models.records import runs
from nophoto.models.records.database import Database, DatabaseUnreachableError
from nophoto.models.records.runs import DueRun
from nophoto.models.records.tables import RunKind
from nophoto.worker.broker.app import TRAINING, create_app
from nophoto.worker.broker.publisher import (
    BrokerUnreachableError,
    check_broker,
    publish_run,
    waiting,
)
from nophoto.worker.concurrency.periodic import Periodic
from nophoto.worker.context import WorkerContext
from nophoto.worker.maintenance.erasures import complete_erasures
from nophoto.worker.process.celery_logs import count_outages_of_celery
from nophoto.worker.process.lifecycle import connected, detach_children, end_slow_children_on_stop
from nophoto.worker.process.presence import report_presence
from nophoto.worker.settings import Settings
from nophoto.worker.tasks.retraining import register_retrain, register_train
from nophoto.worker.telemetry.liveness import reporting_liveness
from nophoto.worker.telemetry.logs import configure_logging

_PROCESSES = 2
"""One waits for a training, the other takes what is asked meanwhile."""

_log = logging.getLogger(__name__)


def run_training_worker(settings: Settings, command: Sequence[str]) -> int:
    """Work on retrainings until SIGTERM or Ctrl-C; call it from the main thread.

    A message is acknowledged before its training begins: no visibility timeout is as long as one.
    What is not done is in the table of runs, and this worker looks there again and again.

    Args:
        settings: what it works with.
        command: a program that works on the run whose id is its last argument.

    Returns:
        The exit status: 0 after a clean stop.

    Raises:
        NophotoError: before any work, if the database or the broker is not fit for it.
    """
    configure_logging(settings)
    count_outages_of_celery()
    app = create_app(settings)
    check(settings.effective_database_url)
    check_broker(app)
    app.conf.update(task_acks_late=False, task_soft_time_limit=None, task_time_limit=None)
    context = WorkerContext(settings)
    register_retrain(app, context)
    register_train(app, command)
    # Before the worker is made, which keeps the steps that there are.
    with reporting_liveness(app, settings.home_folder, "training"):
        return _work(app, settings, context)


def _work(app: Celery, settings: Settings, context: WorkerContext) -> int:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ROOT_DISCOURAGED[:20])
        worker = app.Worker(
            pool="prefork",
            concurrency=_PROCESSES,
            queues=[TRAINING],
            hostname=f"nophoto-training-{os.getpid()}@{gethostname()}",
            loglevel="INFO",
            quiet=True,
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=not settings.celery_events,
        )
    with (
        detach_children(),
        report_presence(context, [TRAINING]),
        _publish_waiting(app, settings),
        end_slow_children_on_stop(worker) as asked_to_stop,
    ):
        worker.start()
    _log.info("training worker stopped")
    return 0 if asked_to_stop.is_set() else int(worker.exitcode or 0)


@contextmanager
def _publish_waiting(app: Celery, settings: Settings) -> Iterator[None]:
    """Publish a retraining that no process works on, at the start and every `sweep_seconds`."""

    def look() -> None:
        with closing(Database(settings.effective_database_url)) as database:
            with database.transaction() as session:
                hopeless = runs.give_up(session, settings.max_attempts)
            with database.reading() as session:
                run_id = runs.waiting(session, RunKind.RETRAIN)
            # Its trainings' folders may lie on no other host.
            complete_erasures(database, settings)
        for failed in hopeless:
            _log.error("run %d failed: each process that worked on it ended or hung", failed)
        if run_id is not None and not waiting(app, TRAINING):
            publish_run(app, DueRun(run_id, RunKind.RETRAIN))

    def look_safely() -> None:
        try:
            look()
        except (DatabaseUnreachableError, BrokerUnreachableError, OperationalError) as error:
            outages.warn(_log, "waiting runs were not looked for", error)

    looks = Periodic("waiting-runs", settings.sweep_seconds, look_safely)
    with (
        connected(signals.worker_ready, looks.start),
        connected(signals.worker_shutting_down, looks.stop),
    ):
        yield
