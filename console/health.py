"""Health issues, in words for a banner; looked at once for all who ask within seconds."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic

from celery import Celery

from nophoto.models.records import references, runs
from nophoto.models.records.database import Database, DatabaseUnreachableError
from nophoto.models.records.outcomes import results
from nophoto.models.records.scoring.activity import activity
from nophoto.models.records.versions import model_versions
from nophoto.worker.broker.publisher import BrokerUnreachableError, check_broker

_KEPT_SECONDS = 4.0
_WAITS_LONG = 60.0
"""Seconds that an upload waits while nobody works; a worker takes what is there within ten."""


@dataclass(frozen=True, slots=True)
class HealthIssue:
    """One health issue: the name of its text, and values for the places in it."""

    text: str
    values: dict[str, object] = field(default_factory=dict)


class Health:
    """Names what stands in people's way.

    Args:
        database: whether it answers, and what it says of models, references and the queue.
        app: whose broker is asked whether it is there.
        now: seconds on a clock that never goes back.
    """

    def __init__(
        self, database: Database, app: Celery, now: Callable[[], float] = monotonic
    ) -> None:
        self._database = database
        self._app = app
        self._now = now
        self._looked: float | None = None
        self._found: list[HealthIssue] = []
        self._lock = Lock()

    def issues(self) -> list[HealthIssue]:
        """The issues now, or some seconds ago."""
        with self._lock:
            if self._looked is None or self._now() - self._looked > _KEPT_SECONDS:
                self._found = self._look()
                self._looked = self._now()
            return self._found

    def _look(self) -> list[HealthIssue]:
        try:
            with self._database.reading() as session:
                has_model = model_versions.active(session) is not None
                has_references = bool(references.active(session).members)
                busy = activity(session)
                backlog = results.counts(session).backlog
                asking = runs.asking(session)
        except DatabaseUnreachableError:
            return [HealthIssue("banner.database")]
        found = [HealthIssue("banner.run", {"run": run.id}) for run in asking]
        if not has_model:
            found.append(HealthIssue("banner.model"))
        if not has_references:
            found.append(HealthIssue("banner.references"))
        try:
            check_broker(self._app)
        except BrokerUnreachableError:
            found.append(HealthIssue("banner.broker"))
        oldest = max((lane.oldest_seconds for lane in backlog.values()), default=0.0)
        if not busy.chunks and oldest > _WAITS_LONG:
            found.append(HealthIssue("banner.worker"))
        return found
