"""What a scheduler counts, and how Prometheus is told."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nophoto.models.records.tables import Job, ScheduledRunOutcome
from nophoto.worker.settings import Settings

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

_PARTS = ("runs", "schedule", "outbox")


# Compared by identity: a registry of Prometheus keeps it as a key.
@dataclass(slots=True, eq=False)
class SchedulerMetrics:
    """Since its start.

    Attributes:
        ticks: checks of what is due.
        failed: ticks that failed because the database or broker was unavailable.
        sweeps: that were sent.
        scheduled_runs: that were sent or missed, by job and outcome.
        unhealthy: how much was found unhealthy at the last tick, by part.
    """

    ticks: int = 0
    failed: int = 0
    sweeps: int = 0
    scheduled_runs: Counter[tuple[Job, ScheduledRunOutcome]] = field(default_factory=Counter)
    unhealthy: Counter[str] = field(default_factory=Counter)

    def collect(self) -> "Iterator[Metric]":
        """The same for Prometheus; every series is there from the start."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        yield CounterMetricFamily(
            "nophoto_scheduler_ticks", "Scheduler ticks: checks of what is due.", value=self.ticks
        )
        yield CounterMetricFamily(
            "nophoto_scheduler_failed_ticks",
            "Scheduler ticks that failed because the database or broker was unavailable.",
            value=self.failed,
        )
        yield CounterMetricFamily("nophoto_sweeps", "Sweeps that were sent.", value=self.sweeps)
        scheduled = CounterMetricFamily(
            "nophoto_scheduled_runs",
            "Scheduled runs, by job and outcome.",
            labels=["job", "outcome"],
        )
        for job in Job:
            for outcome in ScheduledRunOutcome:
                scheduled.add_metric([job, outcome], self.scheduled_runs[job, outcome])
        yield scheduled
        unhealthy = GaugeMetricFamily(
            "nophoto_unhealthy", "Problems that the scheduler finds, by part.", labels=["part"]
        )
        for part in _PARTS:
            unhealthy.add_metric([part], self.unhealthy[part])
        yield unhealthy


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
