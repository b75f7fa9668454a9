"""A time of day comes once a day, also where clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from nophoto.models.records.tables import Job
from nophoto.worker.scheduler.daily import Daily, nightly
from nophoto.worker.settings import Settings

zones = st.sampled_from(sorted(available_timezones())).map(ZoneInfo)
times = st.times().map(lambda at: at.replace(second=0, microsecond=0, fold=0))
moments = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))


@given(zone=zones, at=times, now=moments)
def test_the_last_time_is_past_and_the_next_is_to_come(zone, at, now) -> None:
    daily = Daily(Job.RESCORE, at, zone)
    latest, following = daily.latest(now), daily.following(now)
    assert latest <= now < following
    assert following - latest <= timedelta(hours=50)  # some islands once left a day out
    assert daily.latest(following) == following
    assert daily.following(latest) == following


@pytest.mark.parametrize(
    ("day", "at", "due"),
    [
        ("2026-01-31", "03:00", "2026-01-31T02:00"),
        ("2026-07-31", "03:00", "2026-07-31T01:00"),
        # 02:30 does not exist in Berlin on this day, and comes twice on that.
        ("2026-03-29", "02:30", "2026-03-29T01:30"),
        ("2026-10-25", "02:30", "2026-10-25T00:30"),
    ],
)
def test_berlin(day: str, at: str, due: str) -> None:
    daily = Daily(Job.RESCORE, time.fromisoformat(at), ZoneInfo("Europe/Berlin"))
    noon = datetime.combine(date.fromisoformat(day), time(12), UTC)
    assert daily.latest(noon) == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_the_settings_name_time_and_zone_or_none() -> None:
    settings = Settings(_env_file=None, timezone="Asia/Tokyo", rescore_at="02:15", prune_at="")
    (daily,) = nightly(settings)
    assert (daily.job, daily.at, daily.zone.key) == (Job.RESCORE, time(2, 15), "Asia/Tokyo")


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("timezone", "Europe/Atlantis", "is no time zone"),
        ("timezone", "../../etc/passwd", "is no time zone"),
        ("timezone", "", "is no time zone"),
        ("rescore_at", "25:00", "rescore_at"),
        ("prune_at", "03:00+02:00", "NOPHOTO_TIMEZONE"),
    ],
)
def test_a_wrong_setting_is_named(field: str, value: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Settings(_env_file=None, **{field: value})
