"""Working on a run: holding it under a lease, reporting, ending it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Row, and_, func, or_, select, update
from sqlalchemy.orm import Session

from nophoto.models.records import clock
from nophoto.models.records.runs.documents import RunProgress, RunResult
from nophoto.models.records.tables import Run, RunKind, RunState
from nophoto.models.records.text import storable

NO_LEASE: dict[str, Any] = {"lease_token": None, "lease_until": None}
"""The columns of a run that nobody holds."""


class Signal(StrEnum):
    """What the holder of a run is to do."""

    GO_ON = "go on"
    PAUSE = "pause"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class RunToken:
    """What a run's holder shows; another's claim makes it void."""

    run_id: int
    lease: UUID


@dataclass(frozen=True, slots=True)
class ClaimedRun:
    """A run that belongs to the holder of `token`, until the lease has passed.

    Attributes:
        progress: what the holder before reported last; None at the beginning.
        attempts: claims since it last came further, this one included.
    """

    id: int
    kind: RunKind
    parameters: dict[str, Any]
    progress: RunProgress | None
    attempts: int
    token: RunToken


def claim(session: Session, run_id: int, lease_seconds: float) -> ClaimedRun | None:
    """Take a run that is queued or whose holder's lease has passed; None if it is neither."""
    now = clock.now(session)
    lease = uuid4()
    statement = (
        update(Run)
        .where(Run.id == run_id, is_free(session))
        .values(
            state=RunState.RUNNING,
            attempts=Run.attempts + 1,
            lease_token=lease,
            lease_until=now + timedelta(seconds=lease_seconds),
            heartbeat_at=now,
            started_at=func.coalesce(Run.started_at, now),
        )
        .returning(Run.id, Run.kind, Run.parameters, Run.progress, Run.attempts)
        .execution_options(synchronize_session=False)
    )
    row = session.execute(statement).one_or_none()
    if row is None:
        return None
    return _claimed(row, lease)


def join(session: Session, run_id: int) -> ClaimedRun | None:
    """Take part in a run that another has claimed and several work on; None if nobody holds it."""
    query = select(
        Run.id, Run.kind, Run.parameters, Run.progress, Run.attempts, Run.lease_token
    ).where(Run.id == run_id, Run.state == RunState.RUNNING)
    row = session.execute(query).one_or_none()
    if row is None or row.lease_token is None:
        return None
    return _claimed(row, row.lease_token)


def _claimed(row: Row[Any], lease: UUID) -> ClaimedRun:
    return ClaimedRun(
        id=row.id,
        kind=row.kind,
        parameters=row.parameters,
        progress=row.progress,
        attempts=row.attempts,
        token=RunToken(row.id, lease),
    )


def lock(session: Session, token: RunToken) -> RunProgress | None:
    """Keep others from reporting until this transaction ends, and return the progress so far.

    Returns:
        None if `token` holds the run no more.
    """
    query = select(Run.progress).where(Run.id == token.run_id, Run.lease_token == token.lease)
    # Rows that name the run share its key until they commit: two who wrote some and then wanted
    # the key for themselves would wait for each other.
    row = session.execute(query.with_for_update(key_share=True)).one_or_none()
    return None if row is None else cast(RunProgress, row.progress or {})


def renew(session: Session, token: RunToken, lease_seconds: float) -> Signal | None:
    """Hold a run for `lease_seconds` from now, and learn what to do.

    A holder that reads anything but GO_ON has lost it, and stops: on None another has taken it
    over.
    """
    if _change(session, token, _renewal(clock.now(session), lease_seconds)):
        return Signal.GO_ON
    state = session.scalar(select(Run.state).where(Run.id == token.run_id))
    if state == RunState.PAUSED:
        return Signal.PAUSE
    return Signal.CANCEL if state == RunState.CANCELLED else None


def report_progress(session: Session, token: RunToken, progress: RunProgress) -> bool:
    """Note how far a run has come; the next holder begins there.

    `done` and `total` are shown to people as they are; the rest is the run's own.

    Returns:
        Whether `token` still holds it; if not, nothing was written.
    """
    return _change(session, token, _report(progress))


def report_and_renew(
    session: Session, token: RunToken, progress: RunProgress, now: datetime, lease_seconds: float
) -> bool:
    """Note how far a run has come, and hold it for `lease_seconds` from `now`, in one statement.

    Returns:
        Whether `token` still holds it; if not, nothing was written.
    """
    return _change(session, token, {**_report(progress), **_renewal(now, lease_seconds)})


def finish(session: Session, token: RunToken, result: RunResult) -> bool:
    """End a run with its result, and return whether `token` still held it."""
    return _end(session, token, {"state": RunState.DONE, "result": dict(result)})


def fail(session: Session, token: RunToken, error: str) -> bool:
    """End a run with the reason for which it failed, and return whether `token` still held it."""
    return _end(session, token, {"state": RunState.FAILED, "error": storable(error)})


def hold(session: Session, token: RunToken, progress: RunProgress) -> bool:
    """Pause a run from within, until somebody resumes it, and return whether `token` held it.

    `progress["question"]` says what somebody has to decide.
    """
    values = {"state": RunState.PAUSED, "progress": dict(progress), **NO_LEASE}
    return _change(session, token, values)


def put_back(session: Session, token: RunToken) -> bool:
    """Leave a run to the next claim, and return whether `token` still held it.

    The attempt counts: a run that nobody can work on is not to go round for ever.
    """
    return _change(session, token, {"state": RunState.QUEUED, **NO_LEASE})


def is_free(session: Session) -> ColumnElement[bool]:
    """The condition that nobody works on an open run: it is queued, or its lease has passed."""
    return or_(
        Run.state == RunState.QUEUED, and_(Run.state == RunState.RUNNING, has_lapsed(session))
    )


def has_lapsed(session: Session) -> ColumnElement[bool]:
    """The condition that a running run's lease has passed, or was never given by this clock."""
    now = clock.moment(session)
    # A heartbeat from the future was written before the clock was set back, and so was its lease.
    return or_(Run.lease_until < now, Run.heartbeat_at > now)


def _report(progress: RunProgress) -> dict[str, Any]:
    return {"progress": dict(progress), "attempts": 0}


def _renewal(now: datetime, lease_seconds: float) -> dict[str, datetime]:
    return {"lease_until": now + timedelta(seconds=lease_seconds), "heartbeat_at": now}


def _change(session: Session, token: RunToken, values: Mapping[str, Any]) -> bool:
    statement = (
        update(Run)
        .where(Run.id == token.run_id, Run.lease_token == token.lease)
        .values(**values)
        .returning(Run.id)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(statement) is not None


def _end(session: Session, token: RunToken, values: Mapping[str, Any]) -> bool:
    return _change(session, token, {**values, "finished_at": clock.now(session), **NO_LEASE})
