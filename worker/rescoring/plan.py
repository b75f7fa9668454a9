"""Planning a run: which model version and set it is by, and the chunks that it is cut into."""

import logging
from concurrent.futures import ThreadPoolExecutor

from celery import Celery

from nophoto.models.records import collections, references, runs
from nophoto.models.records.database import Database
from nophoto.models.records.outcomes.failures import requeue
from nophoto.models.records.outcomes.results import ResultFilter
from nophoto.models.records.rescoring import (
    RescoreParameters,
    Scope,
    Survey,
    asks_for_failures,
    chunks,
    survey,
)
from nophoto.models.records.runs.documents import RescoreProgress
from nophoto.models.records.scoring.sweep import mark_published
from nophoto.models.records.tables import Lane
from nophoto.models.records.versions import model_versions
from nophoto.worker.broker.publisher import publish_chunks
from nophoto.worker.matching.active_judge import active_version
from nophoto.worker.rescoring.cohort import refresh_cohort
from nophoto.worker.rescoring.pinned_judge import PinnedJudge
from nophoto.worker.rescoring.progress import begin
from nophoto.worker.rescoring.shared_run import HELPERS, RunLostError, SharedRun
from nophoto.worker.settings import Settings

_REQUEUED_AT_ONCE = 1_000

_log = logging.getLogger(__name__)


def plan(shared: SharedRun, pinned: PinnedJudge, settings: Settings, app: Celery) -> int:
    """Cut the uploads of a run into chunks, and open the judge that it is by.

    Args:
        shared: the run.
        pinned: opens its judge.
        settings: sizes.
        app: whose broker is told of failed uploads that are queued again.

    Returns:
        How many messages for the run are to be sent.

    Raises:
        ModelVersionError: if the version cannot be opened here.
        RunLostError: if the run is not held any more.
    """
    run, database = shared.run, shared.database
    parameters = RescoreParameters.from_dict(run.parameters)
    with shared.keep():
        requeued = 0
        if asks_for_failures(parameters.filters) and not parameters.dry_run:
            requeued = _requeue(database, app, parameters, settings.chunk_size)
        if parameters.filters == ResultFilter() and not parameters.dry_run:
            refresh_cohort(database)
        with database.reading() as session:
            if parameters.model is None:
                version = active_version(model_versions.active(session), database)
            else:
                version = model_versions.get(session, parameters.model)
            set_version = references.current_version(session)
            rows = collections.list_all(session)
        scope = Scope(parameters.filters, version.id, version.dimension)
        with ThreadPoolExecutor(1) as beside:
            # The database counts while the reaches are calibrated here.
            counting = beside.submit(_count, database, scope)
            # The references are embedded before any chunk waits for them.
            pinned.of_run(parameters, version.id, set_version, rows)
            found = counting.result()
        with database.transaction() as session:
            progress = RescoreProgress(
                model_version_id=version.id,
                dimension=version.dimension,
                reference_set_version=set_version,
                collections=[row.as_dict() for row in rows],
                pictures=found.pictures,
                queued_again=requeued,
            )
            begin(session, progress, "compare", found.total)
            size = settings.rescore_chunk_size
            count = chunks.cut(session, run.id, found.first_id, found.last_id, size)
            if not runs.report_progress(session, run.token, progress):
                raise RunLostError
    _log.info("run %d: %d uploads in %d chunks", run.id, found.total, count)
    return max(1, min(HELPERS, count))


def _count(database: Database, scope: Scope) -> Survey:
    with database.reading() as session:
        return survey(session, scope)


def _requeue(
    database: Database, app: Celery, parameters: RescoreParameters, chunk_size: int
) -> int:
    count = 0
    while True:
        with database.transaction() as session:
            found = requeue(session, parameters.filters, _REQUEUED_AT_ONCE, Lane.BULK)
        if not found:
            return count
        ids = [upload.id for upload in found]
        publish_chunks(app, ids, lane=Lane.BULK, chunk_size=chunk_size)
        with database.transaction() as session:
            mark_published(session, ids)
        count += len(ids)
