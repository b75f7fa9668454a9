"""The allow-list: pictures that are real whatever they look like."""

import logging
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body, File, Form, Request, UploadFile
from pydantic import Field, StringConstraints, model_validator

from nophoto.api.guard import GuardedRoute, caller_of, context_of, needs
from nophoto.api.routes.score import picture_problem
from nophoto.api.shapes import Flag, Key, Name, RowId, Shape, View
from nophoto.models.records.matching import allow_list
from nophoto.models.records.matching.allow_list import NewAllowedPicture
from nophoto.models.records.tables import Scope
from nophoto.worker.telemetry.logs import log_event

_LOOKED_AT = 224
"""Pixels a side at which a file is looked at, as large as a network does."""

_log = logging.getLogger(__name__)

router = APIRouter(prefix="/v1/allow-list", tags=["allow-list"], route_class=GuardedRoute)

Reason = Annotated[Name, Field(min_length=1)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{64}$")]


class AllowedView(View):
    """A picture on the allow-list."""

    id: int
    digest: str
    name: str
    reason: str
    look_alikes: bool
    collection: str = Field(description="Whose uploads are meant; empty: those of all.")
    created_at: datetime


class AllowListView(View):
    """The allow-list."""

    version: int
    items: list[AllowedView]


class Allow(Shape):
    """Pictures to allow: by digests, or as uploads were when they were judged."""

    digests: list[Sha256] = Field([], max_length=1_000, description="SHA-256 of files.")
    keys: list[Key] = Field([], max_length=1_000, description="Of uploads.")
    reason: Reason = Field(description="Why they are real, for people.")
    collection: Name | None = Field(
        None, max_length=32, description="Whose uploads alone are meant."
    )

    @model_validator(mode="after")
    def _names_something(self) -> "Allow":
        if not self.digests and not self.keys:
            raise ValueError("name digests or keys")
        return self


class AllowanceView(View):
    """What became of them."""

    added: list[int] = Field(description="Ids of those that are new on the list.")
    known: int = Field(description="How many were on it already.")


@router.get("", summary="List allowed pictures", **needs(Scope.ALLOW_READ))
def list_allowed(request: Request) -> AllowListView:
    """Every picture on the list."""
    with context_of(request).database.reading() as session:
        current = allow_list.active(session)
    return AllowListView(
        version=current.version,
        items=[AllowedView.model_validate(member) for member in current.members],
    )


@router.post(
    "", status_code=201, summary="Allow pictures", **needs(Scope.ALLOW_WRITE, 400, 404, 413)
)
def allow_named(request: Request, wanted: Annotated[Allow, Body()]) -> AllowanceView:
    """Put the pictures of digests and uploads on the list; workers follow within seconds."""
    from nophoto.jobs.curation.allow_list import from_digests, from_uploads

    database = context_of(request).database
    pictures = [
        *from_digests(wanted.digests, wanted.reason),
        *(from_uploads(database, wanted.keys, wanted.reason) if wanted.keys else ()),
    ]
    return _allow(request, pictures, wanted.collection)


@router.post(
    "/files", status_code=201, summary="Allow a file", **needs(Scope.ALLOW_WRITE, 400, 404, 413)
)
def allow_file(
    request: Request,
    file: Annotated[UploadFile, File(description="The picture.")],
    name: Annotated[Name, Form(min_length=1, max_length=255)],
    reason: Annotated[Reason, Form()],
    look_alikes: Annotated[
        Flag, Form(description="Whether its changed copies are allowed too.")
    ] = False,
    collection: Annotated[
        Name | None, Form(max_length=32, description="Whose uploads alone are meant.")
    ] = None,
) -> AllowanceView:
    """Put the picture in a file on the list, and where asked for its changed copies."""
    from nophoto.jobs.curation.allow_list import from_bytes
    from nophoto.models.vision.pictures import PictureError

    data = file.file.read()
    try:
        context_of(request).decoders.load(data, _LOOKED_AT)
    except PictureError as error:
        raise picture_problem(error) from error
    return _allow(request, [from_bytes(name, data, reason, look_alikes=look_alikes)], collection)


@router.delete(
    "/{allowed_id}", status_code=204, summary="Allow no more", **needs(Scope.ALLOW_WRITE, 404)
)
def remove_allowed(request: Request, allowed_id: RowId) -> None:
    """Take a picture off the list."""
    with context_of(request).database.transaction() as session:
        allow_list.remove(session, [allowed_id])
    log_event(_log, "allow-list", caller=caller_of(request).name, removed=allowed_id)


def _allow(
    request: Request, pictures: list[NewAllowedPicture], collection: str | None
) -> AllowanceView:
    from nophoto.jobs.curation.allow_list import allow

    done = allow(context_of(request).database, pictures, {}, collection=collection)
    log_event(_log, "allow-list", caller=caller_of(request).name, added=len(done.added))
    return AllowanceView(added=done.added, known=done.known)
