"""Asking for runs, and telling the workers of those that wait."""

from celery import Celery

from nophoto.models.records import runs
from nophoto.models.records.database import Database
from nophoto.models.records.rescoring import RescoreParameters
from nophoto.models.records.runs import DueRun
from nophoto.models.records.tables import RunKind
from nophoto.models.records.versions import model_versions
from nophoto.worker.broker.publisher import BrokerUnreachableError, publish_run


class RunNotPublishedError(BrokerUnreachableError):
    """The run is in the database, but the broker did not answer; the sweep sends it."""


def request_rescore(
    database: Database, app: Celery, parameters: RescoreParameters, requested_by: str
) -> int:
    """Ask for a rescoring, tell a worker, and return the run's id.

    Raises:
        UnknownModelVersionError: if it is to judge by a version that is not registered.
        RunUnderWayError: if one is open.
        RunNotPublishedError: if the broker does not answer.
    """
    with database.transaction() as session:
        if parameters.model is not None:
            model_versions.get(session, parameters.model)
        run_id = runs.request(session, RunKind.RESCORE, parameters.as_dict(), requested_by)
    tell(app, DueRun(run_id, RunKind.RESCORE))
    return run_id


def tell(app: Celery, run: DueRun) -> None:
    """Tell a worker that a run waits.

    Raises:
        RunNotPublishedError: if the broker does not answer.
    """
    try:
        publish_run(app, run, times=1)
    except BrokerUnreachableError as error:
        raise RunNotPublishedError(
            f"run {run.id} is in the database and will be worked on, but no worker was told yet: "
            f"{error}"
        ) from error
