"""Model versions: which there are, and which of them judges."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Request
from pydantic import Field, StrictBool

from nophoto.api.guard import GuardedRoute, caller_of, context_of, needs
from nophoto.api.shapes import Note, Shape, View
from nophoto.models.records.tables import Scope

router = APIRouter(prefix="/v1/model-versions", tags=["model-versions"], route_class=GuardedRoute)

VersionId = Annotated[str, Path(pattern=r"^[\w.-]{1,64}$", description="Or `active`.")]


class VersionView(View):
    """A model version."""

    id: str
    active: bool = Field(description="Whether it judges.")
    backbone: str
    dimension: int
    threshold: float
    review_low: float
    review_high: float
    metrics: dict[str, Any]
    digest: str
    created_at: datetime
    promoted_at: datetime | None


class VersionList(View):
    """Every model version that the database knows."""

    items: list[VersionView]


class Promote(Shape):
    """A promotion."""

    reason: Note = Field("", description="Why, for people; a forced one needs it.")
    force: StrictBool = Field(False, description="Overrule the comparison with the active version.")


class RollBack(Shape):
    """A rollback."""

    reason: Note = Field("", description="Why, for people.")


class PromotionView(View):
    """What judges now."""

    model_version: str
    replaced: str | None = Field(description="What judged until now; the same: nothing changed.")
    forced: bool
    gate: dict[str, Any] | None = Field(description="What the comparison found.")


@router.get("", summary="List model versions", **needs(Scope.MODELS_READ))
def list_model_versions(request: Request) -> VersionList:
    """Every version, the newest first."""
    from nophoto.jobs.versions.promotion import list_versions

    rows = list_versions(context_of(request).database)
    return VersionList(items=[VersionView.model_validate(row) for row in rows])


@router.post("/rollback", summary="Roll back", **needs(Scope.MODELS_WRITE, 400, 409, 413))
def roll_back(request: Request, wanted: Annotated[RollBack, Body()]) -> PromotionView:
    """Let the version judge again that judged before the one that judges now."""
    from nophoto.jobs.versions.promotion_process import PromotionRequest, promote_in_subprocess

    by = caller_of(request).by
    return PromotionView(**promote_in_subprocess(PromotionRequest(None, by, wanted.reason)))


@router.get("/{version_id}", summary="Read a model version", **needs(Scope.MODELS_READ, 404))
def read_model_version(request: Request, version_id: VersionId) -> VersionView:
    """What is known of a version."""
    from nophoto.jobs.versions.promotion import get_version

    return VersionView.model_validate(get_version(context_of(request).database, version_id))


@router.post(
    "/{version_id}/promote",
    summary="Promote a model version",
    **needs(Scope.MODELS_WRITE, 400, 404, 409, 413),
)
def promote(
    request: Request, version_id: VersionId, wanted: Annotated[Promote, Body()]
) -> PromotionView:
    """Let a version judge from now on, if it passes the gate; 409 tells why it does not."""
    from nophoto.jobs.versions.promotion import get_version
    from nophoto.jobs.versions.promotion_process import PromotionRequest, promote_in_subprocess

    row = get_version(context_of(request).database, version_id)
    asked = PromotionRequest(row.id, caller_of(request).by, wanted.reason, wanted.force)
    return PromotionView(**promote_in_subprocess(asked))
