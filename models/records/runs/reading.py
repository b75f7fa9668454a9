"""Runs as they are read, and what can be wrong with one that somebody names."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from nophoto.models.errors import NophotoError
from nophoto.models.records.runs.documents import (
    RescoreProgress,
    RescoreResult,
    RetrainResult,
    RunProgress,
    RunResult,
)
from nophoto.models.records.tables import Run, RunKind, RunState


class RunUnderWayError(NophotoError):
    """A run of this kind is open, and there may be one at most."""


class UnknownRunError(NophotoError):
    """No run of this id is in the database."""


class RunFinishedError(NophotoError):
    """The run has ended, so that nothing can be asked of it any more."""


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run as people see it."""

    id: int
    kind: RunKind
    parameters: dict[str, Any]
    state: RunState
    progress: RunProgress | None
    result: RunResult | None
    error: str | None
    attempts: int
    requested_by: str
    created_at: datetime
    started_at: datetime | None
    heartbeat_at: datetime | None
    finished_at: datetime | None


def get(session: Session, run_id: int) -> RunRow:
    """One run.

    Raises:
        UnknownRunError: if there is none.
    """
    row = session.get(Run, run_id)
    if row is None:
        raise unknown(run_id)
    return row_of(row)


def list_runs(
    session: Session,
    kind: RunKind | None = None,
    state: RunState | None = None,
    limit: int | None = None,
    before_id: int | None = None,
) -> list[RunRow]:
    """Runs of a kind and in a state, the newest first; with `before_id` only older ones."""
    query = select(Run).order_by(Run.id.desc()).limit(limit)
    if kind is not None:
        query = query.where(Run.kind == kind)
    if state is not None:
        query = query.where(Run.state == state)
    if before_id is not None:
        query = query.where(Run.id < before_id)
    return [row_of(row) for row in session.scalars(query)]


def asking(session: Session) -> list[RunRow]:
    """Runs that have stopped with a question, which somebody answers by resuming or cancelling."""
    paused = list_runs(session, state=RunState.PAUSED)
    return [run for run in paused if (run.progress or {}).get("question")]


def of_version(session: Session, version_id: str) -> RunRow | None:
    """The run that trained a model version; None where no run of this database did."""
    query = (
        select(Run)
        .where(
            Run.kind == RunKind.RETRAIN,
            Run.result["model_version"].as_string() == version_id,
        )
        .order_by(Run.id.desc())
        .limit(1)
    )
    row = session.scalar(query)
    return None if row is None else row_of(row)


def rescore_result(run: RunRow) -> RescoreResult | None:
    """What a rescoring came to; None for a run of another kind or without a result."""
    return cast(RescoreResult | None, run.result) if run.kind is RunKind.RESCORE else None


def retrain_result(run: RunRow) -> RetrainResult | None:
    """What a retraining came to; None for a run of another kind or without a result."""
    return cast(RetrainResult | None, run.result) if run.kind is RunKind.RETRAIN else None


def held_back(run: RunRow) -> list[int]:
    """The references whose new matches a rescoring holds back; none for a run of another kind."""
    if run.kind is not RunKind.RESCORE:
        return []
    kept = cast(RescoreProgress | RescoreResult, run.result or run.progress or {})
    return [int(name) for name in kept.get("quarantined", {})]


def row_of(row: Run) -> RunRow:
    """The row as people see it."""
    return RunRow(
        id=row.id,
        kind=row.kind,
        parameters=row.parameters,
        state=row.state,
        progress=cast(RunProgress | None, row.progress),
        result=cast(RunResult | None, row.result),
        error=row.error,
        attempts=row.attempts,
        requested_by=row.requested_by,
        created_at=row.created_at,
        started_at=row.started_at,
        heartbeat_at=row.heartbeat_at,
        finished_at=row.finished_at,
    )


def unknown(run_id: int) -> UnknownRunError:
    """The error that names `run_id`."""
    return UnknownRunError(f"there is no run {run_id}; `nophoto runs list` shows those there are")
