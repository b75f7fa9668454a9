"""Logging in and out: two plain forms outside the Gradio pages."""

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from console.gate import token_of
from console.sessions import COOKIE, Attempts, Sessions
from console.templating import render
from console.texts import LANGUAGES, Texts, preferred
from jobs.users import check_password
from models.records.database import Database, DatabaseUnreachableError

LANGUAGE_COOKIE = "nophoto-language"


def login_routes(database: Database, sessions: Sessions, attempts: Attempts) -> APIRouter:
    """The routes `/login` and `/logout`."""
    routes = APIRouter()

    @routes.get("/login")
    def show(request: Request, expired: bool = False) -> Response:
        texts = Texts(language_of(request))
        return _page(request, texts("login.expired") if expired else "", 200)

    @routes.post("/login")
    def log_in(
        request: Request, name: str = Form(default=""), password: str = Form(default="")
    ) -> Response:
        texts = Texts(language_of(request))
        address = request.client.host if request.client else ""
        if attempts.are_exhausted(name, address):
            return _page(request, texts("login.wait"), 429)
        try:
            user = check_password(database, name, password)
        except DatabaseUnreachableError:
            return _page(request, texts("banner.database"), 503)
        if user is None:
            attempts.failed(name, address)
            return _page(request, texts("login.wrong"), 401)
        response = RedirectResponse(_within(request.query_params.get("next", "/")), 303)
        response.set_cookie(
            COOKIE,
            sessions.begin(user.name),
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
        return response

    @routes.post("/logout")
    def log_out(request: Request) -> Response:
        sessions.end(token_of(request.scope))
        response = RedirectResponse("/login", 303)
        response.delete_cookie(COOKIE)
        return response

    return routes


def language_of(request: Request) -> str:
    """The language that was chosen on a page before, or that the browser prefers."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    return chosen if chosen in LANGUAGES else preferred(request.headers.get("accept-language", ""))


def _page(request: Request, message: str, status: int) -> HTMLResponse:
    texts = Texts(language_of(request))
    following = _within(request.query_params.get("next", "/"))
    return HTMLResponse(
        render("login.html", texts, message=message, following=following), status_code=status
    )


def _within(path: str) -> str:
    """`path` if it leads to a page of ours, else the first page: no link leads elsewhere."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if is_ours else "/"
