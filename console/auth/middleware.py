"""What every request passes before any page sees it: login, origin, size; and safe headers."""

from collections.abc import Callable
from http.cookies import CookieError
from urllib.parse import quote, urlsplit

from anyio import to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.formparsers import MultiPartException
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nophoto.console.auth.sessions import COOKIE

_OPEN = (
    "/login",
    "/login/oidc",
    "/login/oidc/back",
    "/health",
    "/favicon.ico",
    "/manifest.json",
)
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


class SecurityMiddleware:
    """Lets through whom the session knows, from our own pages, in bounded requests.

    Args:
        app: what lies behind.
        user: who a session's token stands for, and whether the request that brings it may change
            something; it may ask the database.
        login: whether people log in. Where they do not, only names of this machine are answered
            to, so that no foreign site can point a name of its own at it.
        max_bytes: of a request that uploads pictures.
        sub_path: of the console on its site.
    """

    def __init__(
        self,
        app: ASGIApp,
        user: Callable[[str | None, bool], str | None],
        login: bool,
        max_bytes: int,
        sub_path: str = "",
    ) -> None:
        self._app = app
        self._user = user
        self._login = login
        self._max_bytes = max_bytes
        self._sub_path = sub_path

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

        refusal = self._refusal(scope) or await self._turned_away(scope)
        bounded = _bounded(receive, self._most(scope["path"]))
        await (refusal or self._app)(scope, bounded, send_safely)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        path = scope["path"]
        if not self._login and _host(headers.get("host", "")) not in _LOOPBACK:
            return JSONResponse({"error": "ask for 127.0.0.1 or localhost"}, 421)
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != headers.get("host"):
            return JSONResponse({"error": "another site's page may not ask"}, 403)
        length = headers.get("content-length", "")
        if length.isdigit() and int(length) > self._most(path):
            return JSONResponse({"error": "the request is too large"}, 413)
        if "transfer-encoding" in headers and not _is_upload(path):
            return JSONResponse({"error": "the request must state its length"}, 411)
        return None

    def _most(self, path: str) -> int:
        return self._max_bytes if _is_upload(path) else _SMALL

    async def _turned_away(self, scope: Scope) -> Response | None:
        """The answer to one who is not logged in."""
        path, only_looks = scope["path"], scope["method"] in ("GET", "HEAD")
        if not self._login or _is_open(path):
            return None
        token = token_of(scope)
        if token and await to_thread.run_sync(self._user, token, not only_looks):
            return None
        if only_looks and "text/html" in Headers(scope=scope).get("accept", ""):
            following = quote(self._sub_path + path)
            return RedirectResponse(f"{self._sub_path}/login?next={following}", 303)
        return JSONResponse({"error": "log in first"}, 401)


def token_of(scope: Scope) -> str | None:
    """The session's token that came with a request."""
    try:
        return HTTPConnection(scope).cookies.get(COOKIE)
    except CookieError:
        return None


def _bounded(receive: Receive, most: int) -> Receive:
    """`receive`, which ends where more than `most` bytes come: not each request states its length.

    It ends as a form that cannot be read, whose files Gradio deletes.
    """
    taken = 0

    async def receive_bounded() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > most:
            raise MultiPartException("The request is beyond the maximum allowed size.")
        return message

    return receive_bounded


def _is_upload(path: str) -> bool:
    return path.endswith("/gradio_api/upload")


def _is_open(path: str) -> bool:
    return path in _OPEN or path.startswith(_OPEN_FOLDER)


def _host(value: str) -> str:
    return (urlsplit(f"//{value}").hostname or "").lower()
