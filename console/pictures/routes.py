"""The route of the thumbnails: pictures go by the ids of their rows, never by paths."""

from collections.abc import Callable
from hashlib import sha256
from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response

from nophoto.console.pictures.thumbnails import Kind, Thumbnails
from nophoto.models.records.database import DatabaseUnreachableError
from nophoto.models.vision.pictures import PictureError
from nophoto.models.vocabulary import FailureCode

_ABSENT = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 160"><rect width="160" height="160" '
    'fill="#8884"/><path d="M50 50l60 60m0-60l-60 60" stroke="#888" stroke-width="6" '
    'stroke-linecap="round"/></svg>'
)


Size = Literal["small", "large", "full"]


def picture_routes(
    thumbnails: Thumbnails, collection_of: Callable[[Request], str | None] = lambda _: None
) -> APIRouter:
    """The route `/pictures/upload/7` and its like; what cannot be shown is a crossed-out tile.

    Args:
        thumbnails: makes them.
        collection_of: whose uploads alone the visitor sees; None: those of all.
    """
    routes = APIRouter()

    @routes.get("/pictures/held-out/{run_id}/{digest}")
    def held_out(request: Request, run_id: int, digest: str, size: Size = "small") -> Response:
        def make() -> bytes:
            if collection_of(request) is not None:
                raise PictureError(FailureCode.FORBIDDEN, "it may be of another collection")
            return thumbnails.of_held_out(run_id, digest, size)

        return _answer(request, make)

    @routes.get("/pictures/{kind}/{row_id}")
    def picture(
        request: Request,
        kind: Kind,
        row_id: int,
        size: Size = "small",
    ) -> Response:
        return _answer(request, lambda: thumbnails.of(kind, row_id, size, collection_of(request)))

    return routes


def _answer(request: Request, make: Callable[[], bytes]) -> Response:
    try:
        copy = make()
    except (PictureError, DatabaseUnreachableError):
        headers = {"Cache-Control": "no-store"}
        return Response(_ABSENT, media_type="image/svg+xml", headers=headers)
    # A browser asks each time whether it is still the same: the row may mean another picture by
    # now, and its holder may be let in no longer.
    tag = f'"{sha256(copy).hexdigest()[:32]}"'
    headers = {"Cache-Control": "private, no-cache", "ETag": tag}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(copy, media_type="image/webp", headers=headers)
