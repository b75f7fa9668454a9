"""Reading the reference set."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from nophoto.api.etags import etag
from nophoto.api.guard import GuardedRoute, context_of, needs
from nophoto.api.routes.reference_views import ReferenceView, SetView, member_view
from nophoto.api.shapes import RowId, Shape
from nophoto.models.records import references
from nophoto.models.records.tables import ReferenceState, Scope

_FILE = {
    "description": "The file",
    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
}

router = APIRouter(prefix="/v1/references", tags=["references"], route_class=GuardedRoute)


class ReferenceQuery(Shape):
    """Which references."""

    state: ReferenceState | None = Field(None, description="Only such ones.")


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
    tag = etag(current.version, query.state)
    if tag in request.headers.get("if-none-match", "").replace("W/", "").split(", "):
        return Response(status_code=304, headers={"ETag": tag})
    response.headers["ETag"] = tag
    by_state = {
        ReferenceState.ACTIVE: current.members,
        ReferenceState.QUARANTINED: current.quarantined,
        ReferenceState.RETIRED: current.retired,
    }
    return SetView(
        version=current.version,
        items=[
            member_view(member, of)
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
