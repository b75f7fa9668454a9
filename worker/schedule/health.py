"""What the scheduler looks at every minute, and `nophoto doctor` when it is asked."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from models.records import clock, notices, slots
from models.records.tables import Job, Run, RunKind, SlotOutcome
from worker.schedule.daily import Daily, nightly
from worker.settings import Settings

GRACE = timedelta(minutes=15)
"""How late a job may be before its night is called missed, and how long a worker may take."""

_UNTOLD_LONG = 300.0
"""Seconds; notices that wait longer have no sender, or nobody who takes them."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen of one part; a remedy is given exactly where it is not well."""

    part: str
    detail: str
    remedy: str = ""


def observe(session: Session, settings: Settings) -> Iterator[Observation]:
    """How the night's jobs and the outbox stand."""
    now = clock.now(session)
    for daily in nightly(settings):
        yield _night(session, daily, now)
    for channel, standing in notices.standing(session).items():
        detail = (
            f"{standing.waiting:,} notices wait for the {channel}, the oldest for "
            f"{standing.oldest_seconds:,.0f} seconds; {standing.dead:,} are dead"
        )
        remedy = ""
        if standing.dead:
            remedy = "`nophoto outbox list` says why; then `nophoto outbox resend`"
        if standing.waiting and standing.oldest_seconds > _UNTOLD_LONG:
            remedy = (
                "Start `nophoto notify`; where it runs, `nophoto outbox list --waiting` says why "
                "nothing gets through"
            )
        yield Observation("outbox", detail, remedy)


def _night(session: Session, daily: Daily, now: datetime) -> Observation:
    due = daily.latest(now)
    last = slots.latest(session, daily.job)
    local = due.astimezone(daily.zone)
    name = f"the {daily.job} that was due on {local:%Y-%m-%d at %H:%M} ({daily.zone.key})"
    if last is None:
        since = slots.first_upload_at(session)
        if since is None or since > due:
            return Observation("schedule", f"the {daily.job} has not been due yet")
        return _missed(f"{name} was missed: no scheduler has ever run", daily.job)
    if last.due_at < due:
        if now - due <= GRACE:
            return Observation("schedule", f"{name} is being sent")
        return _missed(f"{name} was missed: no scheduler runs", daily.job)
    if last.outcome == SlotOutcome.MISSED:
        return _missed(f"{name} was missed", daily.job)
    if last.outcome == SlotOutcome.FIRST:
        return Observation("schedule", f"the {daily.job} has not been due yet")
    if daily.job == Job.RESCORE and now - last.at > GRACE and not _has_run_since(session, last.at):
        return Observation(
            "schedule",
            f"{name} was sent, but no worker has taken it",
            "Start a worker: `nophoto worker`, or `nophoto up`",
        )
    return Observation("schedule", f"{name} was sent")


def _missed(detail: str, job: Job) -> Observation:
    command = {Job.RESCORE: "nophoto rescore", Job.PRUNE: "nophoto db prune"}[job]
    return Observation(
        "schedule", detail, f"Keep `nophoto beat` running, and make it up with `{command}`"
    )


def _has_run_since(session: Session, since: datetime) -> bool:
    query = select(exists().where(Run.kind == RunKind.RESCORE, Run.created_at >= since))
    return bool(session.scalar(query))
