"""What the scheduler looks at every minute, and `nophoto doctor` when it is asked."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from nophoto.models.records import clock, runs, scheduled_runs
from nophoto.models.records.notifications import notices, outbox
from nophoto.models.records.tables import Job, Run, RunKind, RunState, ScheduledRunOutcome
from nophoto.worker.scheduler.daily import Daily, nightly
from nophoto.worker.settings import Settings

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
    """What somebody is asked, and how the night's jobs and the outbox stand."""
    for run in runs.asking(session):
        yield Observation(
            "runs",
            f"run {run.id} ({run.kind}) asks: {(run.progress or {})['question']}",
            _answer(run.id),
        )
    now = clock.now(session)
    for daily in nightly(settings):
        yield _night(session, daily, now)
    for gone in outbox.closed(session):
        yield Observation(
            "outbox",
            f"the {gone.channel} is closed since {gone.closed_at:%Y-%m-%d %H:%M} UTC, because "
            f"{gone.reason}",
            f"Correct its settings, then `nophoto outbox open {gone.channel}`; or tell nothing "
            f"through it any more by `nophoto outbox close {gone.channel}`",
        )
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
    last = scheduled_runs.latest(session, daily.job)
    local = due.astimezone(daily.zone)
    name = f"the {daily.job} that was due on {local:%Y-%m-%d at %H:%M} ({daily.zone.key})"
    if last is None:
        since = scheduled_runs.first_upload_at(session)
        if since is None or since > due:
            return Observation("schedule", f"the {daily.job} has not been due yet")
        return _missed(f"{name} was missed: no scheduler has ever run", daily.job)
    if last.due_at < due:
        if now - due <= GRACE:
            return Observation("schedule", f"{name} is being sent")
        return _missed(f"{name} was missed: no scheduler runs", daily.job)
    if last.outcome == ScheduledRunOutcome.MISSED:
        return _missed(f"{name} was missed", daily.job)
    if last.outcome == ScheduledRunOutcome.FIRST:
        return Observation("schedule", f"the {daily.job} has not been due yet")
    if daily.job == Job.RESCORE and now - last.at > GRACE:
        return _taken(session, name, last.at)
    return Observation("schedule", f"{name} was sent")


def _taken(session: Session, name: str, sent_at: datetime) -> Observation:
    """What came of a rescoring that was sent a while ago."""
    query = select(Run.id, Run.state, Run.created_at).where(
        Run.kind == RunKind.RESCORE,
        # What was open when the night's came took its place, also where it has ended since.
        or_(Run.created_at >= sent_at, Run.finished_at >= sent_at, Run.state.in_(runs.OPEN)),
    )
    run = session.execute(query.order_by(Run.id.desc()).limit(1)).one_or_none()
    if run is None:
        return Observation(
            "schedule",
            f"{name} was sent, but no worker has taken it",
            "Start a worker: `nophoto worker`, or `nophoto up`",
        )
    if run.created_at >= sent_at:
        return Observation("schedule", f"{name} was sent")
    if run.state != RunState.PAUSED:
        return Observation("schedule", f"{name} gave way to run {run.id}, which is {run.state}")
    waits_for = "the answer to" if run.id in {one.id for one in runs.asking(session)} else "paused"
    return Observation("schedule", f"{name} waits for {waits_for} run {run.id}", _answer(run.id))


def _missed(detail: str, job: Job) -> Observation:
    command = {Job.RESCORE: "nophoto rescore", Job.PRUNE: "nophoto db prune"}[job]
    return Observation(
        "schedule", detail, f"Keep `nophoto beat` running, and make it up with `{command}`"
    )


def _answer(run_id: int) -> str:
    return f"`nophoto runs resume {run_id}` lets it go on, `nophoto runs cancel {run_id}` ends it"
