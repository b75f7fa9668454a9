"""Changing the reference set, as it was when it was read."""

from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import APIRouter, File, Form, Request, Response, UploadFile

from nophoto.api.etags import etag, if_match
from nophoto.api.guard import GuardedRoute, caller_of, context_of, needs
from nophoto.api.problems import Problem
from nophoto.api.routes.reference_views import AdditionView, MovedView, check_view
from nophoto.api.routes.score import check_judging, picture_problem
from nophoto.api.shapes import Flag, Name, Note, RowId
from nophoto.models.records import references
from nophoto.models.records.references import Member
from nophoto.models.records.tables import ReferenceState, Scope
from nophoto.models.vocabulary import Kind

router = APIRouter(prefix="/v1/references", tags=["references"], route_class=GuardedRoute)


@router.post(
    "",
    status_code=201,
    summary="Add a reference",
    **needs(
        Scope.REFERENCES_WRITE,
        400,
        404,
        409,
        412,
        413,
        501,
        answers={200: {"model": AdditionView, "description": "A preview, or known before"}},
    ),
)
def add_reference(
    request: Request,
    response: Response,
    file: Annotated[UploadFile, File(description="The placeholder's picture.")],
    name: Annotated[Name, Form(min_length=1, max_length=255)],
    kind: Annotated[Kind, Form()] = Kind.OWN,
    photo: Annotated[
        Flag, Form(description="Whether it is to claim changed copies of itself alone.")
    ] = False,
    note: Annotated[Note, Form()] = "",
    collection: Annotated[
        Name | None, Form(max_length=32, description="Whose uploads alone it is to claim.")
    ] = None,
    preview: Annotated[Flag, Form(description="Only say what it would claim.")] = False,
    force: Annotated[
        Flag, Form(description="Add it even if it would claim too many real pictures.")
    ] = False,
) -> AdditionView:
    """Compare a picture with real ones, and add it to the set; running workers follow in seconds.

    One that would claim too many is refused with 409, and what it would claim is told; `force`
    adds it, which its note tells. With `If-Match` it is added only to the set of that `ETag`.
    """
    from nophoto.jobs.curation.candidates import look_at_bytes
    from nophoto.jobs.curation.references import add_candidates
    from nophoto.models.vision.pictures import PictureError

    context = context_of(request)
    check_judging(context)
    context.check_collection(collection)
    version = if_match(request)
    data = file.file.read()
    try:
        candidate = look_at_bytes(
            context.database,
            name,
            data,
            context.settings,
            context.preview,
            kind=kind,
            photo=photo,
            collection=collection,
        )
    except PictureError as error:
        raise picture_problem(error) from error
    check = check_view(candidate)
    if preview:
        with context.database.reading() as session:
            current = references.current_version(session)
        response.status_code = 200
        return AdditionView(outcome="preview", id=None, set_version=current, check=check)
    if check.is_refused and not force:
        raise Problem(
            409,
            "reference-refused",
            "The reference would claim too many real pictures",
            f"{'; '.join(check.objections)}. Look at the examples; `force` adds it anyway",
            check=check.model_dump(mode="json"),
        )
    done = add_candidates(
        context.database,
        [candidate],
        note=note,
        by=caller_of(request).by,
        force=force,
        if_version=version,
    )
    stored = done.stored
    outcomes: dict[Literal["added", "known", "quarantined", "retired"], list[Member]] = {
        "added": stored.added,
        "known": stored.known,
        "quarantined": stored.quarantined,
        "retired": stored.retired,
    }
    outcome, member = next((word, some[0]) for word, some in outcomes.items() if some)
    response.status_code = 201 if outcome == "added" else 200
    response.headers["ETag"] = etag(done.set_version)
    return AdditionView(outcome=outcome, id=member.id, set_version=done.set_version, check=check)


def _mover(state: ReferenceState) -> Callable[..., MovedView]:
    def move(request: Request, response: Response, reference_id: RowId) -> MovedView:
        from nophoto.jobs.curation.references import move_references

        database = context_of(request).database
        changed = move_references(
            database,
            [reference_id],
            state,
            by=caller_of(request).by,
            if_version=if_match(request),
        )
        with database.reading() as session:
            version = references.current_version(session)
        response.headers["ETag"] = etag(version)
        return MovedView(id=reference_id, changed=bool(changed), set_version=version)

    return move


for _word, _state, _does in (
    ("retire", ReferenceState.RETIRED, "Compare no upload with it any more."),
    ("quarantine", ReferenceState.QUARANTINED, "Let it flag nothing: what it matches is held."),
    ("restore", ReferenceState.ACTIVE, "Let it flag what it matches again."),
):
    router.add_api_route(
        f"/{{reference_id}}/{_word}",
        _mover(_state),
        methods=["POST"],
        operation_id=f"{_word}_reference",
        summary=f"{_word.capitalize()} a reference",
        description=f"{_does} Verdicts that were given stay until a rescoring.",
        **needs(Scope.REFERENCES_WRITE, 404, 412),
    )
