"""What the database and the broker know, for Prometheus: asked once for all workers."""

from collections.abc import Iterator
from time import monotonic
from typing import TYPE_CHECKING

from celery import Celery
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.registry import Collector

from nophoto.jobs.quality.report import QualityReport, quality_report
from nophoto.models.records import references, runs
from nophoto.models.records.database import Database, DatabaseUnreachableError
from nophoto.models.records.lifecycle import refusals
from nophoto.models.records.notifications import notices, outbox
from nophoto.models.records.outcomes import results
from nophoto.models.records.tables import Lane, RunState
from nophoto.models.records.versions import model_versions
from nophoto.worker.broker.app import LANES
from nophoto.worker.broker.publisher import BrokerUnreachableError, waiting
from nophoto.worker.maintenance.drift import Drift, look_for_drift

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric
    from sqlalchemy.orm import Session

QUALITY_EVERY = 300.0
"""Seconds between two estimates of the quality, which look at weeks of spot checks."""

ASKED_EVERY = 5.0
"""Seconds: many who scrape shall not become many who ask the database."""

_QUALITY_WEEKS = 5

_OPEN = (RunState.QUEUED, RunState.RUNNING, RunState.PAUSED)


class StateCollector(Collector):
    """Backlog, what judges, runs and the outbox, as they stand.

    A database or broker that does not answer shows as 0 in `nophoto_database_up` or
    `nophoto_broker_up`, and what it would have told is absent.

    Args:
        database: migrated.
        app: whose broker is asked.
    """

    def __init__(self, database: Database, app: Celery) -> None:
        self._database = database
        self._app = app
        self._last: tuple[float, list[Metric]] | None = None
        self._estimated: tuple[float, list[Metric]] | None = None

    def collect(self) -> "Iterator[Metric]":
        """The metrics of this moment, or of some seconds ago."""
        if self._last is None or monotonic() - self._last[0] >= ASKED_EVERY:
            self._last = (monotonic(), [*self._of_database(), *self._of_broker()])
        yield from self._last[1]

    def _quality(self) -> "list[Metric]":
        if self._estimated is None or monotonic() - self._estimated[0] >= QUALITY_EVERY:
            found = quality_report(self._database, _QUALITY_WEEKS)
            drifts = look_for_drift(self._database)
            self._estimated = (monotonic(), [*_quality(found), *_drift(drifts)])
        return self._estimated[1]

    def _of_database(self) -> "Iterator[Metric]":
        try:
            with self._database.reading() as session:
                found = [*_queue(session), *_judge(session), *_runs(session), *_outbox(session)]
            found += self._quality()
        except DatabaseUnreachableError:
            found = []
        yield GaugeMetricFamily(
            "nophoto_database_up", "Whether the database answers.", value=float(bool(found))
        )
        yield from found

    def _of_broker(self) -> "Iterator[Metric]":
        messages = GaugeMetricFamily(
            "nophoto_messages", "Messages that wait in the broker.", labels=["lane"]
        )
        try:
            for lane in LANES:
                messages.add_metric([lane], waiting(self._app, lane))
        except BrokerUnreachableError:
            yield GaugeMetricFamily("nophoto_broker_up", "Whether the broker answers.", value=0.0)
            return
        yield GaugeMetricFamily("nophoto_broker_up", "Whether the broker answers.", value=1.0)
        yield messages


def _queue(session: "Session") -> "Iterator[Metric]":
    backlog = results.backlog(session)
    count = GaugeMetricFamily("nophoto_backlog", "Uploads without an outcome.", labels=["lane"])
    age = GaugeMetricFamily(
        "nophoto_backlog_oldest_seconds", "For how long the oldest waits.", labels=["lane"]
    )
    for lane in Lane:
        # A lane without backlog shows 0, so that no alert loses its series.
        of = backlog.get(lane)
        count.add_metric([lane], of.waiting if of else 0)
        age.add_metric([lane], of.oldest_seconds if of else 0)
    yield count
    yield age
    # Those of every door: few of them end in a process that Prometheus asks.
    refused = CounterMetricFamily(
        "nophoto_uploads_refused", "Uploads that were not taken in.", labels=["reason"]
    )
    for code, number in refusals.counts(session).items():
        refused.add_metric([code], number)
    yield refused


def _judge(session: "Session") -> "Iterator[Metric]":
    active = model_versions.active(session)
    members = references.active(session)
    if active is not None:
        yield InfoMetricFamily(
            "nophoto_model", "The model version in force.", value={"version": active.id}
        )
        yield GaugeMetricFamily("nophoto_threshold", "Of this version.", value=active.threshold)
    yield GaugeMetricFamily(
        "nophoto_reference_set_version", "The set in force.", value=members.version
    )
    yield GaugeMetricFamily(
        "nophoto_reference_set_size", "References in it.", value=len(members.members)
    )


def _quality(found: QualityReport) -> "Iterator[Metric]":
    figures = GaugeMetricFamily(
        "nophoto_quality",
        "Recall and precision of live verdicts in the last weeks, and the ends of their intervals.",
        labels=["figure", "bound"],
    )
    falls = GaugeMetricFamily(
        "nophoto_quality_falls",
        "Whether a figure of the last seven days lies below that of the four weeks before.",
        labels=["figure"],
    )
    fell = {fall.figure for fall in found.falls}
    for name in ("recall", "precision"):
        figure = getattr(found.total, name)
        # A figure that is not known has no series, rather than a 0 that alarms.
        if figure is not None:
            figures.add_metric([name, "estimate"], figure.value)
            figures.add_metric([name, "low"], figure.low)
            figures.add_metric([name, "high"], figure.high)
        falls.add_metric([name], float(name in fell))
    yield figures
    yield falls


def _drift(found: list[Drift]) -> "Iterator[Metric]":
    change = GaugeMetricFamily(
        "nophoto_drift",
        "The last day beside the week before: ratio of shares, stability index of scores.",
        labels=["figure", "of"],
    )
    alarm = GaugeMetricFamily(
        "nophoto_drift_alarm",
        "A figure that changed beyond chance, and ids of uploads that show it.",
        labels=["figure", "of", "reason", "examples"],
    )
    for each in found:
        change.add_metric([each.figure, each.name], each.change)
        if each.is_alarm:
            shown = " ".join(map(str, each.examples))
            alarm.add_metric([each.figure, each.name, each.reason, shown], 1.0)
    yield change
    yield alarm


def _runs(session: "Session") -> "Iterator[Metric]":
    count = GaugeMetricFamily("nophoto_runs", "Runs by state.", labels=["kind", "state"])
    share = GaugeMetricFamily(
        "nophoto_run_progress", "How much of an open run is done, 0 to 1.", labels=["run", "kind"]
    )
    counted: dict[tuple[str, str], int] = {}
    for state in _OPEN:
        for run in runs.list_runs(session, state=state, limit=100):
            counted[run.kind, state] = counted.get((run.kind, state), 0) + 1
            done, total = ((run.progress or {}).get(name) for name in ("done", "total"))
            if isinstance(done, int) and isinstance(total, int) and total:
                share.add_metric([str(run.id), run.kind], done / total)
    for labels, number in counted.items():
        count.add_metric(labels, number)
    yield count
    yield share


def _outbox(session: "Session") -> "Iterator[Metric]":
    standing = notices.standing(session)
    is_closed = GaugeMetricFamily(
        "nophoto_channel_closed", "Whether the receiver said that it is gone.", labels=["channel"]
    )
    gone = {one.channel for one in outbox.closed(session)}
    for channel in outbox.subscribed(session):
        is_closed.add_metric([channel], float(channel in gone))
    yield is_closed
    count = GaugeMetricFamily(
        "nophoto_notices", "Outcomes that were not told.", labels=["channel", "state"]
    )
    age = GaugeMetricFamily(
        "nophoto_notices_oldest_seconds", "For how long the oldest waits.", labels=["channel"]
    )
    for channel in {*outbox.subscribed(session), *standing}:
        of = standing.get(channel)
        count.add_metric([channel, "waiting"], of.waiting if of else 0)
        count.add_metric([channel, "dead"], of.dead if of else 0)
        age.add_metric([channel], of.oldest_seconds if of else 0)
    yield count
    yield age
