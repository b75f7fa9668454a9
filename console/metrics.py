"""What the console counts for Prometheus: requests, and logins that were refused."""

from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
_PLACES = ("login", "logout", "health", "static", "pictures")
"""First parts of paths with a name of their own; all else are pages, in whatever language."""
_LOGINS = {303: "accepted", 401: "refused", 429: "stopped"}


class ConsoleMetrics:
    """The figures of one console, which is one process.

    Attributes:
        registry: where they are found.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "nophoto_console_requests",
            "Requests that were answered.",
            ["place", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "nophoto_console_seconds",
            "From a request to the beginning of its answer.",
            ["place"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.logins = Counter(
            "nophoto_console_logins",
            "Attempts to log in; stopped: after too many that were refused.",
            ["outcome"],
            registry=self.registry,
        )
        for outcome in _LOGINS.values():
            self.logins.labels(outcome)


class MetricsMiddleware:
    """Counts every request on its way to `app`."""

    def __init__(self, app: ASGIApp, figures: ConsoleMetrics) -> None:
        self._app = app
        self._figures = figures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and count its answer where that begins: some never end."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = perf_counter()

        async def send_counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._count(scope, message["status"], perf_counter() - started)
            await send(message)

        await self._app(scope, receive, send_counted)

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        first = scope["path"].split("/")[1]
        place = first if first in _PLACES else "pages"
        self._figures.requests.labels(place, str(status)).inc()
        self._figures.seconds.labels(place).observe(seconds)
        if place == "login" and scope["method"] == "POST" and status in _LOGINS:
            self._figures.logins.labels(_LOGINS[status]).inc()
