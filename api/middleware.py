"""What every request passes first: its path as it was sent, a bound on its size, safe headers."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nophoto.api.problems import Problem

_HEADERS = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)

_UPLOADS = "/v1/uploads/"

_WITH_FILE = ("/v1/score", "/v1/references", "/v1/allow-list/files")
"""Paths to which files are sent."""


class RawPath:
    """Keeps keys of uploads as they were sent: `photo%2F4711` is one part of a path.

    So a key may hold slashes and still be told from what follows it, as in `…/history`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] == "http" and scope["path"].startswith(_UPLOADS):
            raw = scope["raw_path"].partition(b"?")[0].decode("latin-1")
            if raw.startswith(_UPLOADS):
                scope = {**scope, "path": raw}
        await self._app(scope, receive, send)


class BoundedBody:
    """Refuses a body that is too large: at once where its length is stated, else as it comes.

    Args:
        app: what lies behind.
        most: bytes of a request without a file.
        most_with_file: bytes of one to a path that takes files.
    """

    def __init__(self, app: ASGIApp, most: int, most_with_file: int) -> None:
        self._app = app
        self._most = most
        self._most_with_file = most_with_file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = self._most_with_file if scope["path"] in _WITH_FILE else self._most
        length = Headers(scope=scope).get("content-length", "")
        if length.isdigit() and int(length) > most:
            await _too_large(most).response()(scope, receive, send)
            return
        taken = 0

        async def receive_bounded() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > most:
                # The framework turns any other exception while it reads a body into a 400.
                raise HTTPException(413, _too_large(most).detail)
            return message

        await self._app(scope, receive_bounded, send)


class SafeHeaders:
    """Adds headers to every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                held = [*message["headers"]]
                names = {name for name, _ in held}
                held += (header for header in _HEADERS if header[0] not in names)
                message = {**message, "headers": held}
            await send(message)

        await self._app(scope, receive, send_safely)


def _too_large(most: int) -> Problem:
    return Problem(
        413,
        "body-too-large",
        "The body is too large",
        f"at most {most:,} bytes are taken here; send less at once",
    )
