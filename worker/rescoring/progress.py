"""The progress of a rescoring and its result: how they are begun, measured and put together."""

from datetime import datetime
from typing import cast

from sqlalchemy.orm import Session

from nophoto.models.records import clock
from nophoto.models.records.runs import ClaimedRun
from nophoto.models.records.runs.documents import Phase, RescoreProgress, RescoreResult
from nophoto.worker.rescoring.guard import Totals


def progress_of(run: ClaimedRun) -> RescoreProgress:
    """What the run has reported last; nothing where it is not planned."""
    return cast(RescoreProgress, run.progress or {})


def result_of(
    totals: Totals, progress: RescoreProgress, question: str | None, set_version: int
) -> RescoreResult:
    """What the run came to, by the tallies of its chunks and its last progress."""
    counts = totals.counts
    return RescoreResult(
        compared=counts["compared"],
        changed=counts["changed"],
        to_placeholder=counts["to_placeholder"],
        to_real=counts["to_real"],
        decided=counts["decided"],
        embedded=counts["embedded"],
        replaced=counts["replaced"],
        written=counts["written"],
        held=counts["held"],
        failures=dict(totals.by["failures"]),
        quarantined=progress["quarantined"],
        question=question,
        queued_again=progress["queued_again"],
        model_version_id=progress["model_version_id"],
        reference_set_version=progress["reference_set_version"],
        set_version_at_end=set_version,
        per_second=progress["compared_per_second"]
        if progress["phase"] == "write"
        else progress["per_second"],
    )


def begin(
    session: Session, progress: RescoreProgress, phase: Phase, total: int, done: int = 0
) -> None:
    """Let a phase begin, or go on, now: its rate counts from here."""
    if phase == "write":
        progress.setdefault("compared_per_second", progress["per_second"])
    progress.pop("question", None)
    progress["phase"] = phase
    progress["done"] = progress["done_before"] = done
    progress["total"] = total
    progress["since"] = clock.now(session).isoformat()
    progress["per_second"] = None


def measure(progress: RescoreProgress, now: datetime) -> None:
    """Compute the rate of the phase."""
    seconds = (now - datetime.fromisoformat(progress["since"])).total_seconds()
    if seconds > 0:
        progress["per_second"] = round((progress["done"] - progress["done_before"]) / seconds, 1)
