"""Steering runs from outside: asking for them, pausing, resuming and cancelling them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from nophoto.models.records import clock
from nophoto.models.records.dialects import insert
from nophoto.models.records.runs.holding import NO_LEASE, has_lapsed, is_free
from nophoto.models.records.runs.reading import (
    RunFinishedError,
    RunRow,
    RunUnderWayError,
    row_of,
    unknown,
)
from nophoto.models.records.tables import Run, RunKind, RunState
from nophoto.models.records.text import storable

OPEN = (RunState.QUEUED, RunState.RUNNING, RunState.PAUSED)
"""The states that a run leaves some day."""


@dataclass(frozen=True, slots=True)
class DueRun:
    """A run that nobody works on."""

    id: int
    kind: RunKind


def request(
    session: Session, kind: RunKind, parameters: Mapping[str, Any], requested_by: str = ""
) -> int:
    """Ask for a run and return its id; tell the workers once the transaction has committed.

    Raises:
        RunUnderWayError: if one of this kind is open.
    """
    statement = (
        insert(session, Run)
        .values(
            kind=kind,
            parameters=dict(parameters),
            requested_by=storable(requested_by)[:255],
            created_at=clock.now(session),
        )
        .on_conflict_do_nothing()
        .returning(Run.id)
    )
    # The one that is open may end before it is looked for.
    while (run_id := session.scalar(statement)) is None:
        refuse_second(session, kind)
    return run_id


def refuse_second(session: Session, kind: RunKind) -> None:
    """Make sure that no run of `kind` is open.

    Raises:
        RunUnderWayError: if one is.
    """
    query = select(Run.id, Run.state).where(Run.kind == kind, Run.state.in_(OPEN))
    if found := session.execute(query).first():
        first = "wait for it"
        if found.state == RunState.PAUSED:
            first = f"`nophoto runs resume {found.id}` lets it go on"
        raise RunUnderWayError(
            f"run {found.id} ({kind}) is {found.state} already; {first}, or `nophoto runs "
            f"cancel {found.id}`"
        )


def pause(session: Session, run_id: int) -> RunState:
    """Keep a run from going on until it is resumed, and return the state that it had.

    Its holder learns it at the next `renew` or `report_progress`, which writes nothing.

    Raises:
        UnknownRunError: if there is none.
        RunFinishedError: if it has ended.
    """
    state = _open_state(session, run_id)
    _set(session, run_id, {"state": RunState.PAUSED, **NO_LEASE})
    return state


def resume(session: Session, run_id: int) -> RunState:
    """Queue a paused or failed run again, and return the state that it had.

    It goes on from its progress; one that is queued or running already is left alone. Tell the
    workers once the transaction has committed.

    Raises:
        UnknownRunError: if there is none.
        RunFinishedError: if it is done or cancelled.
        RunUnderWayError: if it failed, and another of its kind is open by now.
    """
    row = _locked(session, run_id)
    if row.state in (RunState.DONE, RunState.CANCELLED):
        raise _finished(row)
    if row.state in (RunState.PAUSED, RunState.FAILED):
        values = {"state": RunState.QUEUED, "attempts": 0, "published_at": None}
        try:
            with session.begin_nested():
                _set(session, run_id, {**values, "error": None, "finished_at": None})
        except IntegrityError:
            refuse_second(session, row.kind)
            raise
    return row.state


def cancel(session: Session, run_id: int) -> RunState:
    """End an open run without a result, and return the state that it had.

    What it has written stays.

    Raises:
        UnknownRunError: if there is none.
        RunFinishedError: if it has ended.
    """
    state = _open_state(session, run_id)
    now = clock.now(session)
    _set(session, run_id, {"state": RunState.CANCELLED, "finished_at": now, **NO_LEASE})
    return state


def due(session: Session, every_seconds: float) -> list[DueRun]:
    """Runs that wait in vain, marked as published now.

    They are queued, or running under a lease that has passed, and were not published within
    `every_seconds`. Send messages for them only once the transaction has committed.
    """
    now = clock.now(session)
    stale = or_(
        Run.published_at.is_(None), Run.published_at <= now - timedelta(seconds=every_seconds)
    )
    query = (
        select(Run.id, Run.kind)
        .where(is_free(session), or_(stale, Run.published_at > now))
        .order_by(Run.id)
    )
    found = [DueRun(*row) for row in session.execute(query.with_for_update(skip_locked=True))]
    for run in found:
        _set(session, run.id, {"published_at": now})
    return found


def waiting(session: Session, kind: RunKind) -> int | None:
    """The run of `kind` that nobody works on: queued, or under a lease that has passed."""
    return session.scalar(select(Run.id).where(Run.kind == kind, is_free(session)))


def give_up(session: Session, max_attempts: int) -> list[int]:
    """Fail runs whose lease passed on the last of `max_attempts` claims, and return their ids.

    Call it before `due`, which would have them taken up once more.
    """
    statement = (
        update(Run)
        .where(Run.state == RunState.RUNNING, has_lapsed(session), Run.attempts >= max_attempts)
        .values(
            state=RunState.FAILED,
            error=f"it came no further in {max_attempts} attempts: each time the process that "
            "worked on it ended or hung. Its log may say why; `nophoto runs resume` goes on",
            finished_at=clock.now(session),
            **NO_LEASE,
        )
        .returning(Run.id)
        .execution_options(synchronize_session=False)
    )
    return sorted(session.scalars(statement))


def _set(session: Session, run_id: int, values: Mapping[str, Any]) -> None:
    session.execute(
        update(Run)
        .where(Run.id == run_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def _locked(session: Session, run_id: int) -> RunRow:
    query = select(Run).where(Run.id == run_id).with_for_update(key_share=True)
    row = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise unknown(run_id)
    return row_of(row)


def _open_state(session: Session, run_id: int) -> RunState:
    row = _locked(session, run_id)
    if row.state not in OPEN:
        raise _finished(row)
    return row.state


def _finished(row: RunRow) -> RunFinishedError:
    return RunFinishedError(f"run {row.id} is {row.state}; ask for a new one")
