"""Rescoring on demand: what it will take, and following a run until it ends."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import monotonic, sleep

from nophoto.jobs.rescoring.runs import in_words
from nophoto.models.records import runs
from nophoto.models.records.database import Database
from nophoto.models.records.outcomes.results import ResultFilter
from nophoto.models.records.rescoring import Scope, Survey, survey
from nophoto.models.records.runs import RunRow
from nophoto.models.records.tables import RunKind, RunState
from nophoto.models.records.versions import model_versions
from nophoto.worker.matching.active_judge import active_version

COMPARED_PER_SECOND = 20_000.0
"""What one run does where none has been measured yet: a cautious figure for two processors."""

PICTURES_PER_SECOND = 50.0
"""Read and embedded, by one worker on two processors."""

_LOOKED_EVERY = 0.5
_UNSEEN_AFTER = 15.0
"""Seconds without any worker, after which somebody should know."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a rescoring will take.

    Attributes:
        model_version_id: which judges.
        found: how many uploads, and where their embeddings come from.
        seconds: about how long.
    """

    model_version_id: str
    found: Survey
    seconds: float

    def __str__(self) -> str:
        parts = [f"{self.found.stored:,} from stored embeddings"]
        if self.found.pictures:
            parts.append(f"{self.found.pictures:,} from their pictures")
        if self.found.failed:
            parts.append(f"{self.found.failed:,} failed ones are queued again")
        if self.found.waiting:
            parts.append(f"{self.found.waiting:,} wait for their verdict anyway")
        return (
            f"{self.found.total:,} uploads by {self.model_version_id}: {', '.join(parts)}; about "
            f"{in_words(self.seconds)}"
        )


def estimate(database: Database, filters: ResultFilter, model: str | None = None) -> Estimate:
    """What a rescoring of the uploads that meet `filters` will take.

    Args:
        database: migrated.
        filters: which uploads.
        model: the version that is to judge; None for the one that judges now.

    Raises:
        NoActiveModelError: if nothing judges yet.
        UnknownModelVersionError: if the version is not registered.
    """
    with database.reading() as session:
        if model is None:
            version = active_version(model_versions.active(session), database)
        else:
            version = model_versions.get(session, model)
        found = survey(session, Scope(filters, version.id, version.dimension))
        done = runs.list_runs(session, RunKind.RESCORE, RunState.DONE, limit=1)
    result = runs.rescore_result(done[0]) if done else None
    measured = result["per_second"] if result else None
    seconds = found.stored / (measured or COMPARED_PER_SECOND)
    return Estimate(version.id, found, seconds + found.pictures / PICTURES_PER_SECOND)


def follow(
    database: Database, run_id: int, on_wait: Callable[[], None] = lambda: None
) -> Iterator[RunRow]:
    """The run as it goes on, until it ends or waits for somebody.

    Args:
        database: where it is.
        run_id: which.
        on_wait: called once if no worker takes it up for a while.
    """
    started = monotonic()
    said = False
    while True:
        with database.reading() as session:
            run = runs.get(session, run_id)
        yield run
        if run.state not in (RunState.QUEUED, RunState.RUNNING):
            return
        if run.state == RunState.QUEUED and not said and monotonic() - started > _UNSEEN_AFTER:
            said = True
            on_wait()
        sleep(_LOOKED_EVERY)
