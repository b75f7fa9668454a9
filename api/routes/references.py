"""The reference set: reading it, and changing it as it was when it was read."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, File, Form, Query, Request, Response, UploadFile
from pydantic import Field

from nophoto.api.guard import GuardedRoute, caller_of, context_of, needs
from nophoto.api.problems import Problem
from nophoto.api.routes.score import check_judging, picture_problem
from nophoto.api.shapes import Flag, Name, Note, RowId, Shape, View
from nophoto.models.records import references
from nophoto.models.records.references import Member
from nophoto.models.records.tables import ReferenceOrigin, ReferenceState, Scope
from nophoto.models.vocabulary import Kind, ReferenceScope

if TYPE_CHECKING:
    from nophoto.jobs.curation.references import Candidate

_ETAG = re.compile(r'(?:W/)?"set-(\d{1,18})(?:-\w+)?"')

_FILE = {
    "description": "The file",
    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
}

router = APIRouter(prefix="/v1/references", tags=["references"], route_class=GuardedRoute)


class MemberView(View):
    """A reference."""

    id: int
    name: str
    kind: Kind
    scope: ReferenceScope = Field(
        description="Whether it claims all of its kind, or changed copies of itself alone."
    )
    state: ReferenceState
    collections: list[str] = Field(description="Whose uploads it claims; empty: those of all.")
    digest: str = Field(description="SHA-256 of its file.")


class SetView(View):
    """The reference set."""

    version: int
    items: list[MemberView]


class ReferenceView(View):
    """What is known of one reference."""

    id: int
    name: str
    kind: Kind
    scope: ReferenceScope
    state: ReferenceState
    digest: str
    origin: ReferenceOrigin
    note: str
    created_at: datetime
    retired_at: datetime | None
    changed_at: datetime
    changed_by: str
    matches: int = Field(description="For so many uploads it is the nearest.")


class ReferenceQuery(Shape):
    """Which references."""

    state: ReferenceState | None = Field(None, description="Only such ones.")


class CheckView(View):
    """What a picture would do as a reference."""

    scope: ReferenceScope
    reach: float = Field(description="Similarity from which on it would claim.")
    claims: int = Field(description="Real pictures that it would claim.")
    compared: int = Field(description="Real pictures that it was compared with.")
    max_share: float = Field(description="The share of them that it may claim.")
    is_refused: bool = Field(description="Whether it would claim more than it may.")
    objections: list[str]
    examples: list[str] = Field(description="Keys of uploads that it would claim.")


class AdditionView(View):
    """What became of a picture."""

    outcome: Literal["preview", "added", "known", "quarantined", "retired"] = Field(
        description="`known`, `quarantined` and `retired`: such a reference was there before."
    )
    id: int | None = Field(description="Of the reference; null of a preview.")
    set_version: int
    check: CheckView


class MovedView(View):
    """What became of a reference."""

    id: int
    changed: bool = Field(description="False where it was in that state already.")
    set_version: int


@router.get(
    "",
    summary="List the references",
    response_model=SetView,
    **needs(Scope.REFERENCES_READ, answers={304: {"description": "Not modified"}}),
)
def list_references(
    request: Request,
    response: Response,
    query: Annotated[ReferenceQuery, Query()],
) -> SetView | Response:
    """The reference set with its version, by which `ETag` and `If-None-Match` go."""
    with context_of(request).database.reading() as session:
        current = references.active(session)
    etag = _etag(current.version, query.state)
    if etag in request.headers.get("if-none-match", "").replace("W/", "").split(", "):
        return Response(status_code=304, headers={"ETag": etag})
    response.headers["ETag"] = etag
    by_state = {
        ReferenceState.ACTIVE: current.members,
        ReferenceState.QUARANTINED: current.quarantined,
        ReferenceState.RETIRED: current.retired,
    }
    return SetView(
        version=current.version,
        items=[
            _member(member, of)
            for of, members in by_state.items()
            if query.state in (None, of)
            for member in members
        ],
    )


@router.get("/{reference_id}", summary="Read a reference", **needs(Scope.REFERENCES_READ, 404))
def get_reference(request: Request, reference_id: RowId) -> ReferenceView:
    """What is known of one reference."""
    from nophoto.jobs.curation.references import read_reference

    row, _ = read_reference(context_of(request).database, reference_id)
    return ReferenceView.model_validate(row)


@router.get(
    "/{reference_id}/picture",
    summary="Read a reference's picture",
    response_class=Response,
    **needs(Scope.REFERENCES_READ, 404, answers={200: _FILE}),
)
def get_picture(request: Request, reference_id: RowId) -> Response:
    """The file of a reference, as it was added."""
    with context_of(request).database.reading() as session:
        data = references.picture(session, reference_id)
    # No browser may show it: somebody sent it, and its type is not known.
    return Response(
        data, media_type="application/octet-stream", headers={"Content-Disposition": "attachment"}
    )


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
    from nophoto.jobs.curation.references import add_candidates, look_at_bytes
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
    check = _check(candidate)
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
    response.headers["ETag"] = _etag(done.set_version)
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
        response.headers["ETag"] = _etag(version)
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


def if_match(request: Request) -> int | None:
    """The version of the set that a change is meant for.

    Raises:
        Problem: 412 if the header is no `ETag` of ours.
    """
    header = request.headers.get("if-match")
    if header is None or header == "*":
        return None
    found = _ETAG.fullmatch(header)
    if found is None:
        raise Problem(
            412, "set-changed", "The set is another", "If-Match takes one ETag of this list"
        )
    return int(found[1])


def _etag(version: int, state: ReferenceState | None = None) -> str:
    return f'"set-{version}-{state}"' if state else f'"set-{version}"'


def _member(member: Member, state: ReferenceState) -> MemberView:
    return MemberView(
        id=member.id,
        name=member.name,
        kind=member.kind,
        scope=member.scope,
        state=state,
        collections=sorted(member.collections),
        digest=member.digest,
    )


def _check(candidate: "Candidate") -> CheckView:
    check = candidate.check
    return CheckView(
        scope=check.scope,
        reach=check.claims.reach,
        claims=check.claims.real,
        compared=check.compared,
        max_share=check.max_share,
        is_refused=check.is_refused,
        objections=check.objections,
        examples=[example.key for example in check.claims.examples],
    )
