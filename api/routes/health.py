"""Liveness and readiness, for what restarts the server and sends it work; no key is needed."""

from typing import Literal

from fastapi import APIRouter, Request

from nophoto.api.guard import context_of
from nophoto.api.problems import MEDIA_TYPE, Problem
from nophoto.api.shapes import View
from nophoto.models.outages import OutageError
from nophoto.models.records.versions import model_versions
from nophoto.worker.broker.publisher import check_broker

router = APIRouter(prefix="/health", tags=["health"])


class Health(View):
    """All is well."""

    status: Literal["ok"] = "ok"


@router.get("/live", summary="Is the server live?")
async def live() -> Health:
    """The server answers; nothing else is asked."""
    return Health()


@router.get(
    "/ready",
    summary="Can requests be answered?",
    responses={
        503: {
            "description": "Not now",
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}},
        }
    },
)
def ready(request: Request) -> Health:
    """Database and broker answer, and a model version judges."""
    context = context_of(request)
    try:
        with context.database.reading() as session:
            is_judging = model_versions.active(session) is not None
        check_broker(context.broker)
    except OutageError as error:
        # Addresses of servers are for the log and `nophoto health ready`.
        raise _not_ready(f"{error.service} does not answer") from error
    if not is_judging:
        raise _not_ready("no model version judges; run `nophoto db upgrade`")
    return Health()


def _not_ready(detail: str) -> Problem:
    return Problem(503, "not-ready", "Not ready", detail)
