"""Taking a retraining into this process's hands: a new one, or one that nobody works on."""

from nophoto.jobs.versions.promotion import current_user
from nophoto.models.errors import NophotoError
from nophoto.models.records import runs
from nophoto.models.records.database import Database
from nophoto.models.records.runs import ClaimedRun
from nophoto.models.records.tables import RunKind, RunState
from nophoto.worker.retraining.request import RetrainParameters


class NothingToResumeError(NophotoError):
    """No retraining is open, or another process works on it."""


def ask_and_take(
    database: Database, parameters: RetrainParameters, lease_seconds: float
) -> ClaimedRun:
    """Ask for a retraining and claim it.

    Raises:
        RunUnderWayError: if one is open.
    """
    with database.transaction() as session:
        run_id = runs.request(session, RunKind.RETRAIN, parameters.model_dump(), current_user())
        # In the same transaction: a training worker would take it up.
        claimed = runs.claim(session, run_id, lease_seconds)
    if claimed is None:
        raise NothingToResumeError(f"run {run_id} is worked on by another process")
    return claimed


def claim_open(database: Database, lease_seconds: float) -> ClaimedRun:
    """Claim the last retraining: queued, paused, failed, or left by a process that is gone.

    Raises:
        NothingToResumeError: if it has ended, there is none, or another process works on it.
    """
    with database.transaction() as session:
        last = next(iter(runs.list_runs(session, RunKind.RETRAIN, limit=1)), None)
        if last is None or last.state in (RunState.DONE, RunState.CANCELLED):
            raise NothingToResumeError(
                "no retraining is open; `nophoto retrain --real DIR` asks for one"
            )
        runs.resume(session, last.id)
        claimed = runs.claim(session, last.id, lease_seconds)
    if claimed is None:
        raise NothingToResumeError(
            f"run {last.id} is worked on by another process, or was less than "
            f"{lease_seconds:.0f} seconds ago; `nophoto runs show {last.id}` tells of it"
        )
    return claimed
