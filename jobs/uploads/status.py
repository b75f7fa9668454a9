"""Where everything stands: backlog, outcomes, what judges, and whether the broker answers."""

from dataclasses import dataclass
from datetime import datetime

from celery import Celery

from nophoto.models.records import references
from nophoto.models.records.database import Database
from nophoto.models.records.outcomes import results
from nophoto.models.records.outcomes.results import Counts
from nophoto.models.records.versions import model_versions
from nophoto.worker.broker.app import LANES
from nophoto.worker.broker.publisher import BrokerUnreachableError, waiting
from nophoto.worker.scheduler.checks import Observation, observe
from nophoto.worker.settings import Settings

EMPTY_SET = (
    "THE REFERENCE SET IS EMPTY: every upload is judged `real`. Add placeholders with "
    "`nophoto references add FILE…`, or restore retired ones with `nophoto references restore ID…`"
)
"""Said wherever a summary would otherwise look like a clean bill of health."""


@dataclass(frozen=True, slots=True)
class Status:
    """The state of the system at one moment.

    Attributes:
        database: its URL, with the password masked.
        model_version: what judges; None where none is active.
        promoted_at: since when.
        threshold: similarity from which on it calls an upload a placeholder.
        set_version, set_size: of the reference set.
        counts: of uploads.
        messages: how many wait in the broker, by lane; None where it does not answer.
        broker_error: why it does not.
        observations: of runs that ask something, the night's jobs and the outbox.
    """

    database: str
    model_version: str | None
    promoted_at: datetime | None
    threshold: float | None
    set_version: int
    set_size: int
    counts: Counts
    messages: dict[str, int] | None
    broker_error: str | None
    observations: list[Observation]

    @property
    def warnings(self) -> list[str]:
        """What somebody should do something about."""
        found = []
        if self.model_version is None:
            found.append("no model version is active. Run `nophoto db upgrade`")
        if not self.set_size:
            found.append(EMPTY_SET)
        if self.broker_error:
            found.append(self.broker_error)
        found += [f"{seen.detail}. {seen.remedy}" for seen in self.observations if seen.remedy]
        return found


def read_status(database: Database, app: Celery, settings: Settings) -> Status:
    """The state of the system; a broker that does not answer is part of it, no error.

    Raises:
        DatabaseUnreachableError: if the database does not answer.
    """
    with database.reading() as session:
        model = model_versions.active(session)
        current = references.active(session)
        counts = results.counts(session)
        observations = list(observe(session, settings))
    messages, broker_error = None, None
    try:
        messages = {lane: waiting(app, lane) for lane in LANES}
    except BrokerUnreachableError as error:
        broker_error = str(error)
    return Status(
        database=str(database),
        model_version=model.id if model else None,
        promoted_at=model.promoted_at if model else None,
        threshold=model.threshold if model else None,
        set_version=current.version,
        set_size=len(current.members),
        counts=counts,
        messages=messages,
        broker_error=broker_error,
        observations=observations,
    )
