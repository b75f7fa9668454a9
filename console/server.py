"""The console's web server: login, thumbnails, and the Gradio pages in each language."""

import asyncio
import os
import tempfile
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from threading import Thread
from time import time

# Before Gradio is imported, which reads it then: it would tell a foreign server of each start.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

import gradio as gr
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, JSONResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles

from nophoto.console.auth.attempts import Attempts
from nophoto.console.auth.current_user import CurrentUser
from nophoto.console.auth.login import language_of, login_routes
from nophoto.console.auth.middleware import SecurityMiddleware, token_of
from nophoto.console.auth.oidc import Provider
from nophoto.console.auth.permissions import Access
from nophoto.console.auth.sessions import Sessions
from nophoto.console.context import ConsoleContext
from nophoto.console.i18n.catalogue import LANGUAGES, Translations
from nophoto.console.metrics import ConsoleMetrics
from nophoto.console.pages import build_pages
from nophoto.console.pages.review_leaving import leaving_routes
from nophoto.console.pictures.routes import picture_routes
from nophoto.console.sub_path import MountSubPath, StripSubPath
from nophoto.jobs.database import open_database
from nophoto.migrations import check
from nophoto.models.errors import NophotoError
from nophoto.models.records.access import users
from nophoto.worker.settings import Settings
from nophoto.worker.telemetry.answers import MetricsMiddleware
from nophoto.worker.telemetry.liveness import keep_reporting, report_liveness
from nophoto.worker.telemetry.metrics_server import exposing

IDLE_SECONDS = 8 * 3600.0
"""A session that nobody used for a working day ends."""

LONGEST_SECONDS = 24 * 3600.0
"""One that is used for a whole day ends as well."""

AT_ONCE = 8
"""Pictures in one upload."""

_STATIC = Path(__file__).with_name("static")


def serve(
    settings: Settings, host: str, port: int, login: bool, warn: Callable[[str], None]
) -> None:
    """Serve the console until Ctrl-C or SIGTERM.

    Args:
        settings: of this process.
        host: the address that it listens at.
        port: the port.
        login: whether people log in.
        warn: told of what an operator should know.

    Raises:
        DatabaseNotMigratedError: if the database is not at the newest revision.
        MetricsPortError: if the port for Prometheus is taken.
    """
    check(settings.effective_database_url)
    with (
        tempfile.TemporaryDirectory(prefix="nophoto-console-") as uploads,
        _counted(settings) as figures,
    ):
        # Gradio keeps what is dropped there until a page has read it.
        os.environ["GRADIO_TEMP_DIR"] = uploads
        app = create_console(settings, login, figures)
        if login:
            _warn_if_nobody_may_log_in(settings, warn)
        uvicorn.run(
            app,
            host=host,
            port=port,
            log_level="warning",
            server_header=False,
            forwarded_allow_ips=[*settings.console_proxies],
            timeout_graceful_shutdown=3,
        )


def create_console(
    settings: Settings,
    login: bool,
    figures: ConsoleMetrics | None = None,
    now: Callable[[], float] = time,
) -> FastAPI:
    """The ASGI application of the console.

    Args:
        settings: of this process.
        login: whether people log in.
        figures: where requests are counted.
        now: seconds since the epoch, by which sessions and attempts are limited.
    """
    context = ConsoleContext(settings)
    sub_path = settings.console_sub_path
    sessions = Sessions(context.database, IDLE_SECONDS, LONGEST_SECONDS, now)
    visitors = CurrentUser(context.database, sessions, now)
    access = Access(context.database, sessions, login)

    @asynccontextmanager
    async def alive(_: FastAPI) -> AsyncIterator[None]:
        with report_liveness(settings.home_folder, "console") as own:
            lasting = [
                asyncio.create_task(task)
                for task in (
                    keep_reporting(own),
                    context.shelf.look_after(),
                    context.thumbnails.look_after(),
                )
            ]
            yield
            for task in lasting:
                task.cancel()

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=alive)
    provider = Provider(settings) if settings.oidc_issuer else None
    app.include_router(
        login_routes(context.database, sessions, Attempts(now), sub_path, provider, now)
    )

    def collection_of(request: Request) -> str | None:
        holder = sessions.holder(token_of(request.scope)) if login else None
        if holder is None:
            return None
        with context.database.reading() as session:
            row = users.find(session, holder.user)
        return row.collection if row else None

    app.include_router(picture_routes(context.thumbnails, collection_of))
    app.mount("/static", StaticFiles(directory=_STATIC), name="static")

    @app.get("/health")
    def health() -> Response:
        return JSONResponse({"status": "ok"})

    @app.get("/favicon.ico")
    def icon() -> Response:
        return FileResponse(_STATIC / "icon.svg")

    @app.get("/manifest.json")
    def manifest() -> Response:
        return JSONResponse({"name": "nophoto", "icons": [{"src": f"{sub_path}/static/icon.svg"}]})

    @app.get("/")
    def first_page(request: Request) -> Response:
        # What moderators come for.
        return RedirectResponse(f"{sub_path}/{language_of(request)}/review", 303)

    def user(request: Request) -> str | None:
        # The gate has looked the user up.
        holder = sessions.holder(token_of(request.scope))
        return "local" if not login else holder.user if holder else None

    app.include_router(leaving_routes(context, user))
    # It warns of a mode that was not asked for.
    warnings.filterwarnings("ignore", "SSR mode is not supported", UserWarning)
    for language in LANGUAGES:
        gr.mount_gradio_app(
            app,
            build_pages(context, access, Translations(language, sub_path)),
            f"/{language}",
            # Said, since Gradio would take it from headers that proxies set in different ways.
            root_path=f"{sub_path}/{language}",
            auth_dependency=user,
            allowed_paths=[],
            max_file_size=settings.max_bytes,
            show_error=False,
            footer_links=[],
            run_history=False,
            ssr_mode=False,
            mcp_server=False,
            enable_monitoring=False,
            # Fonts of the visitor's system: nothing to load, and every script is there.
            theme=gr.themes.Default(
                primary_hue="blue",
                neutral_hue="slate",
                font=["system-ui", "sans-serif"],
                font_mono=["ui-monospace", "monospace"],
            ).set(
                # Its own are too pale to read: 2.6 and 3.7 to 1, where 4.5 is asked for.
                body_text_color_subdued="*neutral_600",
                button_primary_background_fill="*primary_600",
                button_primary_background_fill_hover="*primary_700",
                button_primary_background_fill_dark="*primary_600",
            ),
            css_paths=[_STATIC / "console.css"],
            head=f'<script src="{sub_path}/static/console.js" defer></script>'
            f'<link rel="icon" href="{sub_path}/static/icon.svg">',
        )
    # The last one that is added is the first to see a request.
    app.add_middleware(MountSubPath, sub_path=sub_path)
    app.add_middleware(
        SecurityMiddleware,
        user=visitors.user,
        login=login,
        max_bytes=AT_ONCE * settings.max_bytes + (1 << 20),
        sub_path=sub_path,
    )
    if figures is not None:
        # Before the gate: what that refuses is counted as well.
        app.add_middleware(MetricsMiddleware, count=figures.count_answer)
    app.add_middleware(StripSubPath, sub_path=sub_path)
    # The network takes a second to open: it should be there before the first picture is.
    Thread(target=_warm_up, args=(context,), name="warm-up", daemon=True).start()
    return app


@contextmanager
def _counted(settings: Settings) -> Iterator[ConsoleMetrics | None]:
    """What counts, and answers Prometheus; nothing without a port."""
    if not settings.console_metrics_port:
        yield None
        return
    figures = ConsoleMetrics()
    host, port = settings.metrics_host, settings.console_metrics_port
    with exposing(figures.registry, host, port, "NOPHOTO_CONSOLE_METRICS_PORT"):
        yield figures


def _warm_up(context: ConsoleContext) -> None:
    with suppress(NophotoError):  # the page that needs it says so
        context.trial.current()


def _warn_if_nobody_may_log_in(settings: Settings, warn: Callable[[str], None]) -> None:
    # No error: in a container it would start, and end, again and again until somebody may.
    with open_database(settings) as database, database.reading() as session:
        if not users.list_all(session):
            warn(
                "nobody may log in to the console yet. `nophoto users add NAME --role engineer` "
                "lets somebody"
            )
