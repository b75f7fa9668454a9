"""Sending uploads."""

import logging
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from pydantic import (
    Discriminator,
    Field,
    Tag,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from nophoto.api.context import ApiContext
from nophoto.api.guard import NOT_WRITTEN, GuardedRoute, caller_of, context_of, needs
from nophoto.api.problems import Problem
from nophoto.api.shapes import Key, Name, Shape, Uri, View
from nophoto.jobs.uploads.backlog_limit import BacklogFullError
from nophoto.jobs.uploads.enqueue import enqueue
from nophoto.models.records.lifecycle import refusals
from nophoto.models.records.lifecycle.admission import MAX_KEY, MAX_METADATA, MAX_VERSION, shown_key
from nophoto.models.records.lifecycle.uploads import Added, Intake, ItemOutcome, NewUpload
from nophoto.models.records.tables import Lane, Scope
from nophoto.models.records.text import storable
from nophoto.models.vocabulary import RefusalCode
from nophoto.worker.telemetry.logs import log_event

MOST = 10_000
"""Uploads in one request."""

_BACKLOG_SECONDS = 30
"""After which a client may send again what was too much."""

_log = logging.getLogger(__name__)

router = APIRouter(prefix="/v1/uploads", tags=["uploads"], route_class=GuardedRoute)


class UploadIn(Shape):
    """A picture to judge."""

    key: Key = Field(description="The platform's own name for the upload.")
    uri: Uri = Field(description="A path or a URI below NOPHOTO_ROOTS.")
    collection: Name | None = Field(
        None, max_length=32, description="By whose settings it is judged; `default` if not given."
    )
    version: int | None = Field(
        None,
        ge=0,
        le=MAX_VERSION,
        strict=True,
        description="The platform's number of the picture under this key: a higher one is judged "
        "again, an older one refused.",
    )
    metadata: dict[str, Any] | None = Field(
        None,
        description=f"The platform's own, given back with every outcome; {MAX_METADATA:,} bytes.",
    )
    lane: Lane = Field(
        Lane.INTERACTIVE, description="Which queue it waits in; `bulk` for a backlog."
    )


def _alone(value: object, validate: ValidatorFunctionWrapHandler) -> UploadIn | ItemOutcome:
    """An item of a list, or why it is no upload: the others are taken all the same."""
    try:
        upload: UploadIn = validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "the upload"
        reason = f"{where}: {first['msg'].removeprefix('Value error, ')}"
        key = value.get("key") if isinstance(value, dict) else None
        shown = storable(shown_key(key))[:MAX_KEY] if isinstance(key, str) else ""
        code = _CODES.get(where.partition(".")[0], RefusalCode.MALFORMED)
        return ItemOutcome(shown, Intake.REFUSED, reason, code if key else RefusalCode.MALFORMED)
    return upload


_CODES = {
    "key": RefusalCode.KEY,
    "uri": RefusalCode.URI,
    "version": RefusalCode.VERSION,
    "metadata": RefusalCode.METADATA,
    "collection": RefusalCode.UNKNOWN_COLLECTION,
}


def _form(body: object) -> str:
    return "list" if isinstance(body, list) else "one"


_List = Annotated[
    list[Annotated[UploadIn, WrapValidator(_alone)]], Field(min_length=1, max_length=MOST)
]

Uploads = Annotated[
    Annotated[UploadIn, Tag("one")] | Annotated[_List, Tag("list")],
    Discriminator(_form),
    Body(description=f"One upload, or a list of at most {MOST:,}."),
]


class ItemView(View):
    """What became of one upload."""

    key: str
    outcome: Intake
    reason: str | None = Field(description="Why it was refused, for people.")
    code: RefusalCode | None = Field(description="Why it was refused, for programs.")


class Taken(View):
    """What became of the uploads of one request."""

    new: int = Field(description="How many were stored.")
    known: int = Field(description="How many were there already; nothing about them changed.")
    replaced: int = Field(
        description="How many took the place of another picture under a known key."
    )
    refused: int
    published: bool = Field(
        description="Whether workers were told of the new ones; the sweep sends them otherwise."
    )
    items: list[ItemView] = Field(description="Each upload, in the order of the request.")


@router.post(
    "",
    status_code=202,
    summary="Send uploads",
    **needs(Scope.UPLOADS_WRITE, 400, 409, 413, more={NOT_WRITTEN: True}),
)
def send(request: Request, uploads: Uploads) -> Taken:
    """Queue one upload, or up to 10,000.

    A key that is known with the same picture is left as it is; another URI or a higher `version`
    replaces the picture, which is judged again. Of a list, an upload that cannot be taken is
    refused alone, and the answer says why. One upload that cannot be taken is answered with a
    problem. Past NOPHOTO_MAX_BACKLOG nothing is taken.
    """
    items = uploads if isinstance(uploads, list) else [uploads]
    taken = _take(context_of(request), items)
    log_event(
        _log,
        "uploads",
        caller=caller_of(request).name,
        new=taken.new,
        known=taken.known,
        replaced=taken.replaced,
        refused=taken.refused,
    )
    counted = {outcome: getattr(taken, outcome) for outcome in Intake}
    context_of(request).metrics.count_uploads(counted)
    context_of(request).audit.count_uploads(caller_of(request), counted)
    if not isinstance(uploads, list) and taken.refused:
        raise Problem(422, "upload-refused", "The upload is refused", taken.items[0].reason or "")
    return taken


def _take(context: ApiContext, items: Sequence[UploadIn | ItemOutcome]) -> Taken:
    by_lane: dict[Lane, list[int]] = {}
    for place, item in enumerate(items):
        if isinstance(item, UploadIn):
            by_lane.setdefault(item.lane, []).append(place)
    try:
        for lane, places in by_lane.items():
            context.admission.admit(lane, len(places))
    except BacklogFullError as error:
        raise Problem(
            429,
            "backlog-full",
            "Too many uploads wait",
            f"the lane {lane} is full; nothing was taken. Send the same request again later",
            {"Retry-After": str(_BACKLOG_SECONDS)},
        ) from error
    outcomes: dict[int, ItemOutcome] = {
        place: item for place, item in enumerate(items) if isinstance(item, ItemOutcome)
    }
    if outcomes:
        with context.database.transaction() as session:
            refusals.note(session, Added([], [*outcomes.values()]).refused)
    published = True
    for lane, places in by_lane.items():
        told: list[ItemOutcome] = []

        def note(added: Added, told: list[ItemOutcome] = told) -> None:
            told.extend(added.outcomes)

        done = enqueue(
            context.database,
            context.broker,
            (_new_upload(items[place]) for place in places),
            lane,
            chunk_size=context.settings.chunk_size,
            broker_error=context.broker_error,
            on_taken=note,
        )
        context.note_broker(done.broker_error)
        published = published and done.broker_error is None
        outcomes.update(zip(places, told, strict=True))
    rows = [outcomes[place] for place in range(len(items))]
    counted = [row.outcome for row in rows]
    return Taken(
        new=counted.count(Intake.NEW),
        known=counted.count(Intake.KNOWN),
        replaced=counted.count(Intake.REPLACED),
        refused=counted.count(Intake.REFUSED),
        published=published,
        items=[ItemView.model_validate(row) for row in rows],
    )


def _new_upload(item: UploadIn | ItemOutcome) -> NewUpload:
    assert isinstance(item, UploadIn)  # noqa: S101 -- the others were sorted out
    return NewUpload(item.key, item.uri, item.version, item.metadata, item.collection)
