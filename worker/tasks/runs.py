"""The Celery tasks that ask for runs and work on them."""

import logging
from collections.abc import Mapping
from typing import Any

from celery import Celery

from nophoto.models import outages
from nophoto.models.errors import NophotoError
from nophoto.models.records.database import DatabaseUnreachableError
from nophoto.models.records.rescoring import RescoreParameters
from nophoto.models.records.runs import DueRun
from nophoto.models.records.tables import RunKind
from nophoto.worker.broker.publisher import publish_run
from nophoto.worker.broker.task import task
from nophoto.worker.context import WorkerContext
from nophoto.worker.dispatch.runs import request_rescore
from nophoto.worker.maintenance.pruning import prune
from nophoto.worker.telemetry.logs import log_context, log_event

_RETRIED_AFTER = 5.0
"""Seconds."""

_PRUNED_FOR = 30.0
"""Seconds; other bulk work comes in between."""

_SHADOWED_FOR = 20.0
"""Seconds; what is not done by then is done after the next sweep."""

_log = logging.getLogger(__name__)


def register_run_tasks(app: Celery, context: WorkerContext) -> None:
    """Make `app` know the tasks of runs, which work with what is in `context`."""

    @task(app, "nophoto.rescore", bind=True)
    def rescore(self: Any, parameters: Any = None, *_: Any, **__: Any) -> None:
        """Ask for a rescoring, by the parameters that `nophoto rescore` has; of all by default."""
        if not isinstance(parameters, Mapping | None):
            _log.error("refused a message of nophoto.rescore: its parameters are no object")
            return
        try:
            wanted = RescoreParameters.from_dict(parameters or {})
            run_id = request_rescore(context.database, app, wanted, "a message")
        except DatabaseUnreachableError as error:
            outages.warn(_log, "a rescoring is asked for later", error)
            raise self.retry(exc=error, countdown=_RETRIED_AFTER) from error
        except NophotoError as error:
            _log.error("refused a message of nophoto.rescore: %s", error)
        else:
            _log.info("run %d: a rescoring was asked for", run_id)

    @task(app, "nophoto.prune")
    def prune_records(after_id: Any = 0, *_: Any, **__: Any) -> None:
        """Delete what is no longer needed, and send for the rest where it takes long."""
        if type(after_id) is not int or not 0 <= after_id < 2**63:
            _log.error("refused a message of nophoto.prune: it holds no id of an upload")
            return
        seconds = min(_PRUNED_FOR, context.settings.chunk_timeout / 2)
        done = prune(context.database, context.settings, after_id=after_id, seconds=seconds)
        _log.info(
            "pruned scores=%d embeddings=%d changes=%d uploads=%d cohort=%d",
            done.scores,
            done.embeddings,
            done.changes,
            done.uploads,
            done.cohort,
        )
        if not done.is_done:
            app.send_task("nophoto.prune", [done.after_id], queue="bulk")

    @task(app, "nophoto.shadow")
    def judge_in_shadow(*_: Any, **__: Any) -> None:
        """Judge what was judged live since the last time by the version in the shadow."""
        compared = context.shadow.step(min(_SHADOWED_FOR, context.settings.chunk_timeout / 2))
        if compared:
            log_event(_log, "shadow", compared=compared)

    @task(app, "nophoto.rescore_step")
    def rescore_step(run_id: Any = None, *_: Any, **__: Any) -> None:
        """Do the next piece of a rescoring, and send for those that follow."""
        if type(run_id) is not int or not 0 < run_id < 2**63:
            _log.error("refused a message of nophoto.rescore_step: it holds no id of a run")
            return
        with log_context(run=run_id):
            more = context.rescoring.step(run_id)
            publish_run(app, DueRun(run_id, RunKind.RESCORE), more)
