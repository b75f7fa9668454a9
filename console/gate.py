"""What every request passes before any page sees it: login, origin, size; and safe headers."""

from collections.abc import Callable
from http.cookies import CookieError
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.sessions import COOKIE

_OPEN = ("/login", "/health", "/favicon.ico", "/manifest.json")
_OPEN_FOLDER = "/static/"
_HEADERS = {
    "Content-Security-Policy": "frame-ancestors 'none'; base-uri 'self'; form-action 'self'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_SMALL = 1 << 20
"""Bytes of a request that uploads nothing."""


class Gate:
    """Lets through whom the session knows, from our own pages, in bounded requests.

    Args:
        app: what lies behind.
        user: who a session's token stands for.
        login: whether people log in. Where they do not, only names of this machine are answered
            to, so that no foreign site can point a name of its own at it.
        max_bytes: of a request that uploads pictures.
    """

    def __init__(
        self, app: ASGIApp, user: Callable[[str | None], str | None], login: bool, max_bytes: int
    ) -> None:
        self._app = app
        self._user = user
        self._login = login
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it here."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
            await send(message)

        refusal = self._refusal(scope)
        await (refusal or self._app)(scope, receive, send_safely)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        path = scope["path"]
        if not self._login and _host(headers.get("host", "")) not in _LOOPBACK:
            return JSONResponse({"error": "ask for 127.0.0.1 or localhost"}, 421)
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != headers.get("host"):
            return JSONResponse({"error": "another site's page may not ask"}, 403)
        is_upload = path.endswith("/gradio_api/upload")
        length = headers.get("content-length", "")
        if length.isdigit() and int(length) > (self._max_bytes if is_upload else _SMALL):
            return JSONResponse({"error": "the request is too large"}, 413)
        if "transfer-encoding" in headers and not is_upload:
            return JSONResponse({"error": "the request must state its length"}, 411)
        if not self._login or _is_open(path) or self._user(token_of(scope)):
            return None
        if scope["method"] == "GET" and "text/html" in headers.get("accept", ""):
            return RedirectResponse(f"/login?next={quote(path)}", 303)
        return JSONResponse({"error": "log in first"}, 401)


def token_of(scope: Scope) -> str | None:
    """The session's token that came with a request."""
    try:
        return HTTPConnection(scope).cookies.get(COOKIE)
    except CookieError:
        return None


def _is_open(path: str) -> bool:
    return path in _OPEN or path.startswith(_OPEN_FOLDER)


def _host(value: str) -> str:
    return (urlsplit(f"//{value}").hostname or "").lower()
