"""Tells of the answers that a web application gives, for its metrics."""

from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # comes with the extras that serve HTTP
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


class MetricsMiddleware:
    """Counts every request on its way to `app`.

    Args:
        app: answers the requests.
        count: told of each answer: the request's scope, the status, and the seconds that passed.
    """

    def __init__(self, app: "ASGIApp", count: "Callable[[Scope, int, float], None]") -> None:
        self._app = app
        self._count = count

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass a request on, and count its answer where that begins: some never end."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = perf_counter()

        async def send_counted(message: "Message") -> None:
            if message["type"] == "http.response.start":
                self._count(scope, message["status"], perf_counter() - started)
            await send(message)

        await self._app(scope, receive, send_counted)
