"""What a scheduler counts, and how Prometheus is told."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nophoto.models.records.tables import Job, SlotOutcome
from nophoto.worker.settings import Settings

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

_PARTS = ("runs", "schedule", "outbox")


# Compared by identity: a registry of Prometheus keeps it as a key.
@dataclass(slots=True, eq=False)
class SchedulerMetrics:
    """Since its start.

    Attributes:
        looks: at what is due.
        failed: of these, those that database or broker did not let end.
        sweeps: that were sent.
        nights: that were dealt with, by job and outcome.
        ill: how much was found not to be well at the last look, by part.
    """

    looks: int = 0
    failed: int = 0
    sweeps: int = 0
    nights: Counter[tuple[Job, SlotOutcome]] = field(default_factory=Counter)
    ill: Counter[str] = field(default_factory=Counter)

    def collect(self) -> "Iterator[Metric]":
        """The same for Prometheus; every series is there from the start."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        yield CounterMetricFamily(
            "nophoto_schedule_looks", "Looks at what is due.", value=self.looks
        )
        yield CounterMetricFamily(
            "nophoto_schedule_failed_looks",
            "Of these, those that database or broker did not let end.",
            value=self.failed,
        )
        yield CounterMetricFamily("nophoto_sweeps", "Sweeps that were sent.", value=self.sweeps)
        nights = CounterMetricFamily(
            "nophoto_nights", "Nights that were dealt with.", labels=["job", "outcome"]
        )
        for job in Job:
            for outcome in SlotOutcome:
                nights.add_metric([job, outcome], self.nights[job, outcome])
        yield nights
        ill = GaugeMetricFamily(
            "nophoto_ill", "What the scheduler finds not to be well.", labels=["part"]
        )
        for part in _PARTS:
            ill.add_metric([part], self.ill[part])
        yield ill


@contextmanager
def serve(counted: SchedulerMetrics, settings: Settings) -> Iterator[None]:
    """Tell Prometheus on the port of `settings` while the block runs; nothing without a port.

    Raises:
        MetricsPortError: if the port is taken.
    """
    if not settings.beat_metrics_port:
        yield
        return
    from prometheus_client import CollectorRegistry

    from nophoto.worker.telemetry.metrics_server import exposing

    registry = CollectorRegistry()
    registry.register(counted)
    host, port = settings.metrics_host, settings.beat_metrics_port
    with exposing(registry, host, port, "NOPHOTO_BEAT_METRICS_PORT"):
        yield
