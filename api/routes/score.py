"""`POST /v1/score`: a picture is judged now, and no row is kept unless a key is given."""

from typing import TYPE_CHECKING

from anyio import to_thread
from fastapi import APIRouter, Request, Response
from pydantic import Field

from nophoto.api.context import ApiContext
from nophoto.api.guard import (
    NOT_REPEATED,
    NOT_WRITTEN,
    PlainRoute,
    caller_of,
    check_scope,
    context_of,
    needs,
)
from nophoto.api.problems import Problem
from nophoto.api.routes.upload_views import NOT_READABLE
from nophoto.api.score_form import FORM, ScoreForm, read_form
from nophoto.api.shapes import View, WithReason
from nophoto.api.turns import FullError
from nophoto.models.reasons import reason_fields
from nophoto.models.records.lifecycle.uploads import Intake
from nophoto.models.records.outcomes import results
from nophoto.models.records.tables import Scope
from nophoto.models.vocabulary import FailureCode, Kind, Verdict

if TYPE_CHECKING:
    from nophoto.jobs.curation.preview import PreviewResult
    from nophoto.models.vision.pictures import PictureError

router = APIRouter(prefix="/v1/score", tags=["score"], route_class=PlainRoute)


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
    kept: Intake | None = Field(
        description="What became of the upload with `key`; null where none was given."
    )


@router.post(
    "",
    response_model=ScoreView,
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
                "content": {"multipart/form-data": {"schema": FORM}},
            },
            NOT_REPEATED: True,
            NOT_WRITTEN: True,
        },
    ),
)
async def score(request: Request) -> Response:
    """Judge one picture, a file or a URI, as an upload would be judged.

    No row is kept, unless `key` says under which: then the picture is an upload that was judged at
    once, in the same transaction, and a picture that cannot be judged is one that failed. Where
    too many requests wait, the answer is 503 with `Retry-After`: none waits without bound.
    """
    context = context_of(request)
    caller = caller_of(request)
    check_judging(context)
    # Here, since a server that judges nothing loads nothing that does.
    from nophoto.api.judging import judge_now, read_picture

    try:
        with context.turns.place(caller.name):
            form = await read_form(request)
            if form.item is not None:
                check_scope(caller, Scope.UPLOADS_WRITE)
            if form.collection is not None or form.item is not None:
                collection = await to_thread.run_sync(_collection_of, context, form)
            else:
                collection = None
            picture = await read_picture(context, form)
            async with context.turns.turn(caller.name):
                judged = await judge_now(context, picture, form.item, collection)
    except FullError as error:
        raise Problem(
            503,
            "too-many-to-judge",
            "Too many pictures wait",
            "the server judges as much as it can; send the request again later",
            {"Retry-After": "1"},
        ) from error
    if judged.kept is not None:
        counted = {outcome: int(outcome == judged.kept.outcome) for outcome in Intake}
        context.metrics.count_uploads(counted)
        context.audit.count_uploads(caller, counted)
        if judged.kept.outcome == Intake.REFUSED:
            raise Problem(422, "upload-refused", "The upload is refused", judged.kept.reason or "")
    if judged.failure is not None:
        raise picture_problem(judged.failure)
    assert judged.result is not None  # noqa: S101 -- one of the two
    view = _view(judged.result, judged.kept.outcome if judged.kept else None)
    # Written out here: FastAPI would validate once more what is a view already.
    return Response(view.model_dump_json(), media_type="application/json")


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


def _collection_of(context: ApiContext, form: ScoreForm) -> str | None:
    """As whose upload the picture is judged: a known key that names none stays where it is."""
    context.check_collection(form.collection)
    if form.collection is not None or form.item is None:
        return form.collection
    with context.database.reading() as session:
        return results.collection_of(session, form.item.key)


def _view(tried: "PreviewResult", kept: Intake | None) -> ScoreView:
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
        kept=kept,
    )
