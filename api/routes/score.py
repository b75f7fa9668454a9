"""`POST /v1/score`: a picture is judged now, and no row is kept."""

import asyncio
from typing import TYPE_CHECKING

from anyio import to_thread
from fastapi import APIRouter, Request
from pydantic import Field
from starlette.datastructures import UploadFile

from nophoto.api.context import ApiContext
from nophoto.api.guard import NOT_REPEATED, NOT_WRITTEN, GuardedRoute, caller_of, context_of, needs
from nophoto.api.problems import Problem
from nophoto.api.routes.upload_views import NOT_READABLE
from nophoto.api.shapes import View, WithReason
from nophoto.api.turns import FullError
from nophoto.models.reasons import reason_fields
from nophoto.models.records.tables import Scope
from nophoto.models.records.uploads import MAX_URI
from nophoto.models.vocabulary import FailureCode, Kind, Verdict

if TYPE_CHECKING:
    from nophoto.jobs.curation.preview import PreviewResult
    from nophoto.models.vision.pictures import PictureError

_ARRIVES_SECONDS = 20.0
"""That a file may take to arrive: until then it has a place that another could have."""

_LONGEST_NAME = 64
"""Of a collection; a longer one is unknown all the same."""

_FORM = {
    "type": "object",
    "properties": {
        "file": {
            "type": "string",
            "format": "binary",
            "description": "The picture's file. Either this or `uri`.",
        },
        "uri": {
            "type": "string",
            "maxLength": MAX_URI,
            "description": "Where the picture is, below NOPHOTO_ROOTS.",
        },
        "collection": {
            "type": "string",
            "maxLength": 32,
            "description": "As whose upload it is judged; `default` if not given.",
        },
    },
}

router = APIRouter(prefix="/v1/score", tags=["score"], route_class=GuardedRoute)


class NearestView(View):
    """A reference that the picture is like."""

    id: int
    name: str
    kind: Kind
    similarity: float


class ScoreView(WithReason):
    """What an upload of this picture would get."""

    verdict: Verdict
    needs_review: bool
    score: float | None = Field(description="Similarity minus reach of the nearest reference.")
    similarity: float | None
    kind: Kind | None = Field(description="Of the nearest reference.")
    nearest: list[NearestView]
    digest: str = Field(description="SHA-256 of the file.")
    model_version_id: str
    reference_set_version: int


@router.post(
    "",
    summary="Judge a picture now",
    **needs(
        Scope.SCORE,
        400,
        404,
        408,
        413,
        501,
        more={
            "requestBody": {
                "required": True,
                "content": {"multipart/form-data": {"schema": _FORM}},
            },
            NOT_REPEATED: True,
            NOT_WRITTEN: True,
        },
    ),
)
async def score(request: Request) -> ScoreView:
    """Judge one picture, a file or a URI, as an upload would be judged; no row is kept.

    Where too many requests wait, the answer is 503 with `Retry-After`: none waits without bound.
    """
    context = context_of(request)
    caller = caller_of(request).name
    check_judging(context)
    try:
        with context.turns.place(caller):
            data, collection = await _picture(request, context)
            if collection is not None:
                await to_thread.run_sync(context.check_collection, collection)
            async with context.turns.turn(caller):
                return _view(
                    await to_thread.run_sync(
                        _judge, context, data, collection, limiter=context.judging
                    )
                )
    except FullError as error:
        raise Problem(
            503,
            "too-many-to-judge",
            "Too many pictures wait",
            "the server judges as much as it can; send the request again later",
            {"Retry-After": "1"},
        ) from error


def check_judging(context: ApiContext) -> None:
    """Refuse what needs the network where the server opens none.

    Raises:
        Problem: 501.
    """
    if not context.judges:
        raise Problem(
            501,
            "not-judging",
            "This server judges no pictures",
            "it was started with --no-score; ask one that was not",
        )


def picture_problem(error: "PictureError") -> Problem:
    """The answer to a file that is not a picture, or cannot be read."""
    code, detail = error.code, str(error)
    if code in (FailureCode.FORBIDDEN, FailureCode.MISSING):
        code, detail = FailureCode.MISSING, NOT_READABLE
    return Problem(
        422, "picture-not-judged", "The picture cannot be judged", detail, failure=code.value
    )


async def _picture(request: Request, context: ApiContext) -> tuple[bytes, str | None]:
    """The bytes that are to be judged, and as whose upload."""
    from nophoto.models.vision.pictures import PictureError

    try:
        async with asyncio.timeout(_ARRIVES_SECONDS):
            form = await request.form(max_files=1, max_fields=4)
            file, uri, collection = (form.get(name) for name in ("file", "uri", "collection"))
            data = await file.read() if isinstance(file, UploadFile) else None
    except TimeoutError as error:
        raise Problem(
            408, "too-slow", "The request took too long", "send it again, or a smaller file"
        ) from error
    finally:
        await request.close()
    if (data is None) == (uri is None) or isinstance(uri, UploadFile):
        raise Problem(
            422,
            "invalid-request",
            "The request is not valid",
            "send a form (multipart/form-data) with either `file`, a file, or `uri`, a text",
        )
    named = str(collection)[:_LONGEST_NAME] if collection else None
    if data is not None:
        most = context.settings.max_bytes
        if len(data) > most:
            too_large = f"the file has {len(data):,} bytes, and at most {most:,} are read"
            raise picture_problem(PictureError(FailureCode.TOO_LARGE, too_large))
        return data, named
    try:
        data = await to_thread.run_sync(context.storage.read, str(uri), limiter=context.reading)
    except PictureError as error:
        raise picture_problem(error) from error
    return data, named


def _judge(context: ApiContext, data: bytes, collection: str | None) -> "PreviewResult":
    from nophoto.models.vision.pictures import PictureError

    try:
        return context.preview.run(data, collection)
    except PictureError as error:
        raise picture_problem(error) from error


def _view(tried: "PreviewResult") -> ScoreView:
    return ScoreView(
        verdict=tried.verdict,
        needs_review=tried.needs_review,
        score=tried.score,
        similarity=tried.similarity,
        kind=tried.kind,
        **reason_fields(tried.reason),
        nearest=[
            NearestView(
                id=each.member.id,
                name=each.member.name,
                kind=each.member.kind,
                similarity=each.similarity,
            )
            for each in tried.nearest
        ],
        digest=tried.digest,
        model_version_id=tried.model_version,
        reference_set_version=tried.set_version,
    )
