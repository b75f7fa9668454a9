"""What the console counts for Prometheus: requests, and logins that were refused."""

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.types import Scope

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

    def count_answer(self, scope: Scope, status: int, seconds: float) -> None:
        """Count the answer to a request, which began after so many seconds."""
        first = scope["path"].split("/")[1]
        place = first if first in _PLACES else "pages"
        self.requests.labels(place, str(status)).inc()
        self.seconds.labels(place).observe(seconds)
        if place == "login" and scope["method"] == "POST" and status in _LOGINS:
            self.logins.labels(_LOGINS[status]).inc()
