"""Runs: asking for a rescoring or a retraining, following it, and stopping it."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Request
from pydantic import Field, StrictBool, StrictInt

from nophoto.api.cursors import read_page
from nophoto.api.guard import GuardedRoute, caller_of, context_of, needs
from nophoto.api.problems import Problem
from nophoto.api.shapes import Name, RowId, Shape, Time, View
from nophoto.models.records import runs
from nophoto.models.records.outcomes.results import ResultFilter
from nophoto.models.records.runs import DueRun, RunRow
from nophoto.models.records.tables import RunKind, RunState, Scope, UploadState
from nophoto.models.vocabulary import FailureCode, Verdict

router = APIRouter(prefix="/v1/runs", tags=["runs"], route_class=GuardedRoute)


class RunView(View):
    """A run."""

    id: int
    kind: RunKind
    state: RunState
    parameters: dict[str, Any]
    progress: dict[str, Any] | None
    result: dict[str, Any] | None
    error: str | None
    attempts: int
    requested_by: str
    created_at: datetime
    started_at: datetime | None
    heartbeat_at: datetime | None
    finished_at: datetime | None


class RunPage(View):
    """A page of runs."""

    items: list[RunView]
    next: str | None = Field(description="The cursor of the page that follows; null on the last.")


class RunQuery(Shape):
    """Which runs to list."""

    kind: RunKind | None = None
    state: RunState | None = None
    limit: int = Field(20, ge=1, le=200)
    cursor: str | None = Field(None, max_length=256)


class RescoreFilter(Shape):
    """Which uploads to judge again; all where nothing is said."""

    state: UploadState | None = None
    verdict: Verdict | None = None
    needs_review: StrictBool | None = None
    failure: FailureCode | None = None
    key_prefix: Name | None = None
    since: Time | None = None
    model_version: Name | None = None
    collection: Name | None = None


class Rescore(Shape):
    """A rescoring."""

    filters: RescoreFilter = RescoreFilter()
    dry_run: StrictBool = Field(False, description="Only find out what would change.")
    model: Name | None = Field(
        None, description="The version that judges instead, with `dry_run` alone."
    )
    yes: StrictBool = Field(False, description="Do not ask, however many verdicts turn over.")
    trusted: list[Annotated[StrictInt, Field(ge=1, lt=2**63)]] = Field(
        [], max_length=1_000, description="References that may suddenly match many uploads."
    )


class Retrain(Shape):
    """A retraining; folders are the training worker's, below NOPHOTO_ROOTS."""

    real: list[Name] = Field([], max_length=100, description="Folders of real pictures.")
    composed: list[Name] = Field(
        [], max_length=100, description="Folders of real pictures that a program put together."
    )
    placeholders: list[Name] = Field([], max_length=100, description="Folders of placeholders.")
    held_out: Name | None = Field(
        None, description="A folder with `placeholder/` and `real/`, to measure with."
    )
    reviews: StrictBool = Field(True, description="Learn what moderators decided.")
    target: Annotated[float, Field(strict=True)] = Field(
        0.001, gt=0, le=0.5, description="Share of real pictures to flag."
    )
    recipe: dict[str, Any] = Field({}, description="Fields of the recipe that differ.")
    promote: StrictBool = Field(False, description="Let it judge, if it passes the gate.")


class RunStarted(View):
    """A run that was asked for."""

    id: int
    published: bool = Field(
        description="Whether workers were told of it; the sweep tells them otherwise."
    )


@router.get("", summary="List runs", **needs(Scope.RUNS_READ))
def list_runs(request: Request, query: Annotated[RunQuery, Query()]) -> RunPage:
    """Runs, the newest first."""
    with context_of(request).database.reading() as session:
        page, following = read_page(
            query, partial(runs.list_runs, session, query.kind, query.state)
        )
    return RunPage(items=[_view(row) for row in page], next=following)


@router.get("/{run_id}", summary="Read a run", **needs(Scope.RUNS_READ, 404))
def read_run(request: Request, run_id: RowId) -> RunView:
    """How far a run is, what it asks, and how it ended."""
    with context_of(request).database.reading() as session:
        return _view(runs.get(session, run_id))


@router.post(
    "/rescore", status_code=202, summary="Rescore", **needs(Scope.RUNS_WRITE, 400, 404, 409, 413)
)
def rescore(request: Request, wanted: Annotated[Rescore, Body()]) -> RunStarted:
    """Judge uploads again, after references, rate or network have changed."""
    from nophoto.models.records.rescoring import RescoreParameters, RescoreParametersError
    from nophoto.worker.dispatch.runs import request_rescore

    context = context_of(request)
    context.check_collection(wanted.filters.collection)
    try:
        parameters = RescoreParameters(
            ResultFilter(**dict(wanted.filters)),
            wanted.dry_run,
            wanted.yes,
            tuple(wanted.trusted),
            wanted.model,
        )
    except RescoreParametersError as error:
        raise Problem(422, "invalid-request", "The request is not valid", str(error)) from error
    return _started(
        request,
        lambda by: request_rescore(context.database, context.broker, parameters, by),
        RunKind.RESCORE,
    )


@router.post(
    "/retrain", status_code=202, summary="Retrain", **needs(Scope.RUNS_WRITE, 400, 409, 413)
)
def retrain(request: Request, wanted: Annotated[Retrain, Body()]) -> RunStarted:
    """Have a training worker make a new model version."""
    from nophoto.worker.retraining.confinement import OutsideRootsError, confine
    from nophoto.worker.retraining.request import RetrainParameters, request_retraining

    context = context_of(request)
    try:
        parameters = confine(RetrainParameters.of(wanted.model_dump()), context.settings)
    except OutsideRootsError as error:
        raise Problem(
            422,
            "invalid-request",
            "The request is not valid",
            "a folder is outside NOPHOTO_ROOTS, below which a retraining reads that HTTP asks for",
        ) from error
    return _started(
        request,
        lambda by: request_retraining(context.database, context.broker, parameters, by),
        RunKind.RETRAIN,
    )


def _started(request: Request, ask: Callable[[str], int], kind: RunKind) -> RunStarted:
    from nophoto.worker.dispatch.runs import RunNotPublishedError

    try:
        return RunStarted(id=ask(caller_of(request).by), published=True)
    except RunNotPublishedError:
        with context_of(request).database.reading() as session:
            newest = runs.list_runs(session, kind, limit=1)[0]
        return RunStarted(id=newest.id, published=False)


@router.post("/{run_id}/cancel", summary="Cancel a run", **needs(Scope.RUNS_WRITE, 404, 409))
def cancel(request: Request, run_id: RowId) -> RunView:
    """End a run without a result; what it wrote stays."""
    with context_of(request).database.transaction() as session:
        runs.cancel(session, run_id)
        return _view(runs.get(session, run_id))


@router.post("/{run_id}/pause", summary="Pause a run", **needs(Scope.RUNS_WRITE, 404, 409))
def pause(request: Request, run_id: RowId) -> RunView:
    """Keep a run from going on until it is resumed."""
    with context_of(request).database.transaction() as session:
        runs.pause(session, run_id)
        return _view(runs.get(session, run_id))


@router.post("/{run_id}/resume", summary="Resume a run", **needs(Scope.RUNS_WRITE, 404, 409))
def resume(request: Request, run_id: RowId) -> RunView:
    """Let a paused or failed run go on; one that asks something takes it for a yes."""
    from nophoto.worker.dispatch.runs import RunNotPublishedError, tell

    context = context_of(request)
    with context.database.transaction() as session:
        runs.resume(session, run_id)
        row = runs.get(session, run_id)
    with suppress(RunNotPublishedError):  # the sweep tells workers
        tell(context.broker, DueRun(row.id, row.kind))
    return _view(row)


def _view(row: RunRow) -> RunView:
    return RunView.model_validate(row)
