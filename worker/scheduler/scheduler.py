"""Celery's scheduler, with its memory in the database instead of a file."""

import logging
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

from celery import Celery
from celery.beat import Scheduler
from kombu.exceptions import OperationalError as BrokerError
from sqlalchemy.exc import OperationalError

from nophoto.models import outages
from nophoto.models.records import scheduled_runs
from nophoto.models.records.database import Database, DatabaseUnreachableError
from nophoto.models.records.tables import Job, ScheduledRunOutcome
from nophoto.worker.broker.app import SWEEPS
from nophoto.worker.broker.publisher import BrokerUnreachableError
from nophoto.worker.scheduler.checks import observe
from nophoto.worker.scheduler.daily import Daily, nightly
from nophoto.worker.scheduler.metrics import SchedulerMetrics
from nophoto.worker.settings import Settings

LATE_AT_MOST = timedelta(hours=6)
"""After a longer while the night is over, and its work would burden the day."""

_TASKS = {Job.RESCORE: "nophoto.rescore", Job.PRUNE: "nophoto.prune"}
_LOOKED_EVERY = 60.0
_SLEPT_AT_MOST = 5.0
"""Seconds; clocks are set, and hosts sleep."""

_log = logging.getLogger(__name__)


class DatabaseScheduler(Scheduler):  # type: ignore[misc]
    """Sends each of the night's jobs once, however many schedulers run, and names missed nights.

    A job and the note that it was sent are one transaction: a broker that is away is tried again
    every few seconds, and a scheduler that dies in between may send a job twice, which only asks
    again for a run that is under way.

    Args:
        app: whose broker is told.
        database: which remembers.
        settings: the times.
        now: the time in UTC.
        passed: seconds on a clock that never goes back.
        beat: called after each look at what is due.
    """

    def __init__(
        self,
        app: Celery,
        database: Database,
        settings: Settings,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        passed: Callable[[], float] = monotonic,
        beat: Callable[[], None] = lambda: None,
        **_: Any,
    ) -> None:
        self._database = database
        self._settings = settings
        self._now = now
        self._passed = passed
        self._beat = beat
        self.counted = SchedulerMetrics()
        self._nightly = nightly(settings)
        self._sweep_due = self._look_due = passed()
        self._said: set[str] = set()
        super().__init__(app, max_interval=_SLEPT_AT_MOST)

    def setup_schedule(self) -> None:
        """Nothing: the database knows what was done."""

    def tick(self, *_: Any, **__: Any) -> float:
        """Do what is due, and return in how many seconds to come again."""
        try:
            for daily in self._nightly:
                self._serve(daily)
            self._sweep()
            self._look()
        except (DatabaseUnreachableError, OperationalError, BrokerError) as error:
            self.counted.failed += 1
            away = BrokerUnreachableError(str(error)) if isinstance(error, BrokerError) else error
            outages.warn(_log, "the schedule is looked at again soon", away)
        self.counted.ticks += 1
        self._beat()
        until_due = [(daily.following(self._now()) - self._now()) for daily in self._nightly]
        waits = [
            self._sweep_due - self._passed(),
            *(wait.total_seconds() for wait in until_due),
        ]
        return max(0.1, min(_SLEPT_AT_MOST, *waits))

    def _serve(self, daily: Daily) -> None:
        now = self._now()
        due = daily.latest(now)
        with self._database.reading() as session:
            last = scheduled_runs.latest(session, daily.job)
        if last is not None and last.due_at >= due:
            return
        if last is None:
            outcome = ScheduledRunOutcome.FIRST
        else:
            outcome = (
                ScheduledRunOutcome.SENT
                if now - due <= LATE_AT_MOST
                else ScheduledRunOutcome.MISSED
            )
        with self._database.transaction() as session:
            if not scheduled_runs.take(session, daily.job, due, outcome):
                return
            if outcome == ScheduledRunOutcome.SENT:
                # The next night's will do where no worker took this one in time.
                self._send(_TASKS[daily.job], queue="bulk", expires=LATE_AT_MOST.total_seconds())
        self.counted.scheduled_runs[daily.job, outcome] += 1
        if outcome == ScheduledRunOutcome.SENT:
            _log.info("sent %s, due at %s", daily.job, due.isoformat())
        elif outcome == ScheduledRunOutcome.MISSED:
            _log.error("%s, due at %s, was missed: no scheduler ran", daily.job, due.isoformat())

    def _sweep(self) -> None:
        if self._passed() < self._sweep_due:
            return
        self._sweep_due = self._passed() + self._settings.sweep_seconds
        # As every worker does: a sweep that waited until the next is due has nothing to add.
        self._send("nophoto.sweep", queue=SWEEPS, expires=self._settings.sweep_seconds)
        self.counted.sweeps += 1

    def _look(self) -> None:
        if self._passed() < self._look_due:
            return
        self._look_due = self._passed() + _LOOKED_EVERY
        with self._database.reading() as session:
            unhealthy = [seen for seen in observe(session, self._settings) if seen.remedy]
        self.counted.unhealthy = Counter(seen.part for seen in unhealthy)
        for seen in unhealthy:
            if seen.part not in self._said:
                _log.warning("%s: %s. %s", seen.part, seen.detail, seen.remedy)
        # Once, until it was well in between.
        self._said = {seen.part for seen in unhealthy}

    def _send(self, task: str, **options: Any) -> None:
        self.app.send_task(task, retry=False, **options)
        outages.answered(BrokerUnreachableError.service)
