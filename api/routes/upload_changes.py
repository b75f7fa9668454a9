"""What is done with one upload: it is erased, judged again, or appealed against."""

from fastapi import APIRouter, Request
from pydantic import Field

from nophoto.api.guard import NOT_REPEATED, GuardedRoute, caller_of, context_of, needs
from nophoto.api.shapes import KeyInPath, Shape, Text, View, key_of
from nophoto.jobs.curation.appeals import appeal
from nophoto.jobs.uploads.erase import erase
from nophoto.jobs.uploads.rejudge import rejudge
from nophoto.models.records.outcomes.history import UnknownKeyError
from nophoto.models.records.review.appeals import MAX_NOTE
from nophoto.models.records.tables import Scope

router = APIRouter(prefix="/v1/uploads", tags=["uploads"], route_class=GuardedRoute)


class ErasedView(View):
    """What was erased."""

    key: str
    kept_elsewhere: bool = Field(
        description="Whether the picture stays as a reference or on the allow-list."
    )


@router.delete(
    "/{key:path}",
    summary="Erase an upload",
    # Its answer holds the key, of which nothing may be left.
    **needs(Scope.UPLOADS_ERASE, 404, more={NOT_REPEATED: True}),
)
def erase_upload(request: Request, key: KeyInPath) -> ErasedView:
    """Erase an upload for good, with scores, reviews, notices, copies and embedding.

    The audit keeps that something was erased, when and by which key of the API. For
    NOPHOTO_ERASED_DAYS a Celery message with the key is refused, also where no upload has it: it
    may have been sent before.
    """
    context, name = context_of(request), key_of(key)
    done = erase(context.database, context.settings, [name], by=caller_of(request).by)
    if not done.erased:
        raise UnknownKeyError(name)
    return ErasedView(key=name, kept_elsewhere=bool(done.kept))


class RejudgedView(View):
    """An upload that is judged again."""

    key: str
    published: bool = Field(
        description="Whether workers were told of it; the sweep tells them otherwise."
    )


@router.post(
    "/{key:path}/rejudge",
    status_code=202,
    summary="Judge an upload again",
    **needs(Scope.UPLOADS_WRITE, 404),
)
def rejudge_upload(request: Request, key: KeyInPath) -> RejudgedView:
    """Read an upload's file again, and judge it whatever was said of it."""
    context, name = context_of(request), key_of(key)
    done = rejudge(context.database, context.broker, [name], chunk_size=context.settings.chunk_size)
    if not done.queued:
        raise UnknownKeyError(name)
    return RejudgedView(key=name, published=done.broker_error is None)


class AppealIn(Shape):
    """Why what stands of an upload is wrong."""

    by: Text = Field(
        "",
        max_length=255,
        description="Who objects, such as a seller; the key's name if not given.",
    )
    note: Text = Field("", max_length=MAX_NOTE, description="Why; moderators see it.")


class AppealView(View):
    """An upload that a second moderator looks at."""

    key: str
    opened: bool = Field(description="False where an appeal of it waits already.")


@router.post(
    "/{key:path}/appeal",
    status_code=202,
    summary="Appeal against a verdict",
    **needs(Scope.UPLOADS_WRITE, 400, 404, 409, 413),
)
def appeal_upload(
    request: Request, key: KeyInPath, objection: AppealIn | None = None
) -> AppealView:
    """Have what stands of an upload looked at by a second moderator, before all others.

    The decision comes as a notice, and stands in the history. One appeal of an upload waits at a
    time.
    """
    said, name = objection or AppealIn(), key_of(key)
    by = said.by or caller_of(request).by
    opened = appeal(context_of(request).database, [name], by, note=said.note)
    return AppealView(key=name, opened=bool(opened))
