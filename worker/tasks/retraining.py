"""The Celery tasks of retrainings."""

import logging
import subprocess
from collections.abc import Sequence
from typing import Any

from celery import Celery

from nophoto.models import outages
from nophoto.models.errors import NophotoError
from nophoto.models.records.database import DatabaseUnreachableError
from nophoto.worker.broker.task import task
from nophoto.worker.context import WorkerContext
from nophoto.worker.dispatch.runs import RunNotPublishedError
from nophoto.worker.retraining.confinement import confine
from nophoto.worker.retraining.request import RetrainParameters, request_retraining

_RETRIED_AFTER = 5.0
"""Seconds."""

_ENDS_WITHIN = 30.0
"""Seconds after SIGTERM; a training gives its run back at the next picture or epoch."""

_log = logging.getLogger(__name__)


def register_retrain(app: Celery, context: WorkerContext) -> None:
    """Make `app` know `nophoto.retrain`, by which a backend asks for a retraining."""

    @task(app, "nophoto.retrain", bind=True)
    def retrain(self: Any, parameters: Any = None, *_: Any, **__: Any) -> None:
        """Ask for a retraining by the fields of `RetrainParameters`."""
        try:
            wanted = RetrainParameters.of({} if parameters is None else parameters)
            wanted = confine(wanted, context.settings)
            run_id = request_retraining(context.database, app, wanted, "a message")
        except DatabaseUnreachableError as error:
            outages.warn(_log, "a retraining is asked for later", error)
            raise self.retry(exc=error, countdown=_RETRIED_AFTER) from error
        except RunNotPublishedError as error:
            _log.warning("%s", error)
        except NophotoError as error:
            _log.error("refused a message of nophoto.retrain: %s", error)
        else:
            _log.info("run %d: a retraining was asked for", run_id)


def register_train(app: Celery, command: Sequence[str]) -> None:
    """Make `app` know `nophoto.train`, which works on a retraining.

    Args:
        app: of a training worker.
        command: a program that works on the run whose id is its last argument. A process of its
            own gives all its memory back, and may end in any way without harm to the worker.
    """

    @task(app, "nophoto.train")
    def train(run_id: Any = None, *_: Any, **__: Any) -> None:
        """Work on a retraining until it ends; one that another holds is left to it."""
        if type(run_id) is not int or not 0 < run_id < 2**63:
            _log.error("refused a message of nophoto.train: it holds no id of a run")
            return
        process = subprocess.Popen([*command, str(run_id)])  # noqa: S603 -- our own
        try:
            status = process.wait()
        finally:
            # A worker that is told to stop raises SystemExit here.
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(_ENDS_WITHIN)
                except subprocess.TimeoutExpired:
                    process.kill()
        if status:
            _log.error("run %d: the process that worked on it ended with status %d", run_id, status)
