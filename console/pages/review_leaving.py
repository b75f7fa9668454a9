"""What a page tells when it is left: others may have what was shown on it."""

from collections.abc import Callable

from fastapi import APIRouter, Request
from fastapi.responses import Response

from nophoto.console.context import ConsoleContext
from nophoto.jobs.curation.shared_queue import release


def leaving_routes(context: ConsoleContext, user: Callable[[Request], str | None]) -> APIRouter:
    """The route `/review/leave`, which a page calls as it closes."""
    routes = APIRouter()

    @routes.post("/review/leave")
    def leave(request: Request) -> Response:
        name = user(request)
        if name is not None:
            release(context.database, name)
        return Response(status_code=204)

    return routes
