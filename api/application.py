"""The ASGI application of the HTTP API."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from threading import Thread

from anyio import to_thread
from fastapi import FastAPI

from nophoto.api.context import ApiContext
from nophoto.api.guard import SECURITY
from nophoto.api.handlers import install_handlers
from nophoto.api.middleware import BoundedBody, RawPath, SafeHeaders
from nophoto.api.problems import ProblemDetails
from nophoto.api.routes import (
    allow_list,
    health,
    model_versions,
    reference_changes,
    references,
    reviews,
    runs,
    score,
    upload_changes,
    upload_reads,
    uploads,
)
from nophoto.worker.telemetry.answers import MetricsMiddleware
from nophoto.worker.telemetry.liveness import keep_reporting, report_liveness

_THREADS = 12
"""Requests that are worked on at once; each may hold one of the pool's 15 connections."""

_FORM = 2**20
"""Bytes of a form around its file, at most."""

_DESCRIPTION = """
Tells placeholder pictures from real photographs.

Send a key as `Authorization: Bearer nophoto_…`. Every error is a problem by RFC 9457. A `POST` with
an `Idempotency-Key` may be sent again within 24 hours: it gets the first answer.
"""


def create_api(context: ApiContext) -> FastAPI:
    """The application over the parts in `context`."""
    settings = context.settings

    @asynccontextmanager
    async def alive(_: FastAPI) -> AsyncIterator[None]:
        to_thread.current_default_thread_limiter().total_tokens = _THREADS
        with report_liveness(settings.home_folder, "api") as own:
            lasting = [
                asyncio.create_task(task)
                for task in (keep_reporting(own), context.audit.keep_writing())
            ]
            if context.judges:
                Thread(target=context.warm_up, name="warm-up", daemon=True).start()
            yield
            for task in lasting:
                task.cancel()
            await to_thread.run_sync(context.audit.write)

    app = FastAPI(
        title="nophoto",
        version=version("nophoto"),
        summary="The HTTP API of nophoto",
        description=_DESCRIPTION,
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        lifespan=alive,
    )
    app.state.context = context
    install_handlers(app)
    # In the order in which they are tried: first those that one picture or a hundred come to.
    for routes in (
        score,
        uploads,
        upload_changes,
        upload_reads,
        references,
        reference_changes,
        allow_list,
        reviews,
        runs,
        model_versions,
        health,
    ):
        app.include_router(routes.router)
    _complete_schema(app)
    # The last one that is added is the first to see a request.
    app.add_middleware(
        BoundedBody,
        most=settings.api_max_body,
        most_with_file=max(settings.api_max_body, settings.max_bytes + _FORM),
    )
    app.add_middleware(RawPath)
    app.add_middleware(SafeHeaders)
    app.add_middleware(MetricsMiddleware, count=context.metrics.count_answer)
    return app


def _complete_schema(app: FastAPI) -> None:
    """Add to the schema what every operation shares."""
    made = app.openapi

    def openapi() -> dict[str, object]:
        if app.openapi_schema:
            return app.openapi_schema
        schema = made()
        components = schema.setdefault("components", {})
        components.setdefault("securitySchemes", {})[SECURITY] = {
            "type": "http",
            "scheme": "bearer",
            "description": "A key that `nophoto keys add NAME --scope SCOPE` printed.",
        }
        schemas = components.setdefault("schemas", {})
        described = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= described.pop("$defs", {})
        schemas["ProblemDetails"] = described
        # Ours are problems, whatever FastAPI says of validation.
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        return schema

    app.openapi = openapi  # type: ignore[method-assign]
