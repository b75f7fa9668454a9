"""Logging in and out: two plain forms outside the Gradio pages."""

from collections.abc import Callable
from time import time

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from nophoto.console.auth.attempts import Attempts
from nophoto.console.auth.middleware import token_of
from nophoto.console.auth.oidc import Provider
from nophoto.console.auth.oidc_routes import oidc_routes
from nophoto.console.auth.sessions import COOKIE, Holder, Sessions
from nophoto.console.i18n.catalogue import LANGUAGES, Translations, preferred
from nophoto.console.rendering.templates import render
from nophoto.jobs.operations.users import LONGEST_NAME, check_password, fingerprint_of
from nophoto.models.records.database import Database, DatabaseUnreachableError

LANGUAGE_COOKIE = "nophoto-language"

_AT_ONCE = 2
"""Passwords that are checked at the same time: each takes 64 MiB and a processor."""


def login_routes(
    database: Database,
    sessions: Sessions,
    attempts: Attempts,
    sub_path: str = "",
    provider: Provider | None = None,
    now: Callable[[], float] = time,
) -> APIRouter:
    """The routes `/login` and `/logout`, of a console at `sub_path` of its site.

    Where there is a provider, its way in stands above the one by name and password, which stays.
    """
    routes = APIRouter()
    turn = CapacityLimiter(_AT_ONCE)

    def page(request: Request, message: str, status: int) -> HTMLResponse:
        texts = Translations(language_of(request), sub_path)
        following = _within(request.query_params.get("next", ""), sub_path)
        return HTMLResponse(
            render(
                "login.html",
                texts,
                message=message,
                following=following,
                by_provider=provider is not None,
            ),
            status_code=status,
        )

    @routes.get("/login")
    def show(request: Request, expired: bool = False) -> Response:
        texts = Translations(language_of(request))
        return page(request, texts("login.expired") if expired else "", 200)

    @routes.post("/login")
    async def log_in(
        request: Request, name: str = Form(default=""), password: str = Form(default="")
    ) -> Response:
        texts = Translations(language_of(request))
        # What is longer is nobody's name: it need not be remembered.
        name = name[: LONGEST_NAME + 1]
        address = request.client.host if request.client else ""
        begun = attempts.begin(name, address)
        if begun is None:
            return page(request, texts("login.wait"), 429)
        try:
            # Those that wait for their turn hold no thread.
            user = await to_thread.run_sync(check_password, database, name, password, limiter=turn)
        except DatabaseUnreachableError:
            attempts.uncount(name, address, begun)
            return page(request, texts("banner.database"), 503)
        if user is None:
            return page(request, texts("login.wrong"), 401)
        attempts.succeed(name, address, begun)
        return let_in(
            request,
            Holder(user.name, user.password_fingerprint),
            request.query_params.get("next", ""),
        )

    def let_in(request: Request, holder: Holder, following: str) -> Response:
        response = RedirectResponse(_within(following, sub_path), 303)
        response.set_cookie(
            COOKIE,
            sessions.begin(holder),
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
            path=f"{sub_path}/",
        )
        return response

    @routes.post("/logout")
    def log_out(request: Request) -> Response:
        sessions.end(token_of(request.scope))
        response = RedirectResponse(f"{sub_path}/login", 303)
        response.delete_cookie(COOKIE, path=f"{sub_path}/")
        return response

    if provider is not None:

        def refuse(request: Request, text: str, status: int) -> Response:
            return page(request, Translations(language_of(request))(text), status)

        def vouched(request: Request, name: str, following: str) -> Response:
            fingerprint = fingerprint_of(database, name)
            if fingerprint is None:  # removed at this moment
                return refuse(request, "login.oidc.refused", 403)
            return let_in(request, Holder(name, fingerprint), following)

        routes.include_router(oidc_routes(database, provider, refuse, vouched, sub_path, now))
    return routes


def language_of(request: Request) -> str:
    """The language that was chosen on a page before, or that the browser prefers."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    return chosen if chosen in LANGUAGES else preferred(request.headers.get("accept-language", ""))


def _within(path: str, sub_path: str) -> str:
    """`path` if it leads to a page of ours, else the first page: no link leads elsewhere."""
    own = path.removeprefix(sub_path)
    is_ours = path.startswith(f"{sub_path}/") and not own.startswith(("//", "/\\"))
    return path if is_ours and path.isprintable() else f"{sub_path}/"
