"""A time of day in a time zone, once each day, also where clocks change."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from nophoto.models.records.tables import Job
from nophoto.worker.settings import Settings


@dataclass(frozen=True, slots=True)
class Daily:
    """A job that is due every day at `at` in `zone`.

    On the day on which that time does not exist, it is due when the clock has jumped; where the
    time comes twice, the first time counts.
    """

    job: Job
    at: time
    zone: ZoneInfo

    def latest(self, now: datetime) -> datetime:
        """The last time, in UTC, at which it was due by `now`."""
        today = now.astimezone(self.zone).date()
        due = self._on(today)
        return due if due <= now else self._on(today - timedelta(days=1))

    def following(self, now: datetime) -> datetime:
        """The next time, in UTC, at which it will be due after `now`."""
        today = now.astimezone(self.zone).date()
        due = self._on(today)
        return due if due > now else self._on(today + timedelta(days=1))

    def _on(self, day: date) -> datetime:
        return datetime.combine(day, self.at, self.zone).astimezone(UTC)


def nightly(settings: Settings) -> list[Daily]:
    """The jobs of the night under `settings`."""
    zone = ZoneInfo(settings.timezone)
    times = {Job.RESCORE: settings.rescore_at, Job.PRUNE: settings.prune_at}
    return [Daily(job, at, zone) for job, at in times.items() if at is not None]
