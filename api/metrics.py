"""What the API counts for Prometheus: requests, uploads, and what waits to be judged."""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.types import Scope

from nophoto.models.records.lifecycle.uploads import Intake

_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)

_ROUTES = {
    "uploads",
    "score",
    "references",
    "allow-list",
    "reviews",
    "runs",
    "model-versions",
}


class ApiMetrics:
    """The metrics of one process.

    Attributes:
        registry: where they are found.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "nophoto_api_requests",
            "Requests that were answered.",
            ["route", "method", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "nophoto_api_seconds",
            "From a request to the beginning of its answer.",
            ["route"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.uploads = Counter(
            "nophoto_api_uploads",
            "Uploads that were sent, by what became of them.",
            ["outcome"],
            registry=self.registry,
        )
        self.score_waiting = Gauge(
            "nophoto_api_score_waiting",
            "Requests that wait for POST /v1/score.",
            registry=self.registry,
        )
        for outcome in Intake:
            self.uploads.labels(outcome)

    def count_uploads(self, counted: Mapping[Intake, int]) -> None:
        """Count what became of the uploads of a request."""
        for outcome, number in counted.items():
            self.uploads.labels(outcome).inc(number)

    def count_answer(self, scope: Scope, status: int, seconds: float) -> None:
        """Count the answer to a request, which began after so many seconds."""
        parts = scope["path"].split("/", 3)
        route = parts[2] if len(parts) > 2 and parts[2] in _ROUTES else "other"
        self.requests.labels(route, _method(scope["method"]), str(status)).inc()
        self.seconds.labels(route).observe(seconds)


def _method(method: str) -> str:
    # A client may send any word; each would be a series of its own.
    return method if method in ("GET", "HEAD", "POST", "DELETE", "PUT", "PATCH") else "other"
