"""Nights by a test's clock: each job goes out once a night, and missed nights are named."""

import json
import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr
from redis import Redis
from sqlalchemy import update

from nophoto.models.records import runs, scheduled_runs
from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle.uploads import NewUpload, add_uploads
from nophoto.models.records.runs import RunToken
from nophoto.models.records.tables import Job, Lane, Run, RunKind, ScheduledRun, ScheduledRunOutcome
from nophoto.worker.broker.app import create_app
from nophoto.worker.scheduler.checks import Observation, observe
from nophoto.worker.scheduler.scheduler import DatabaseScheduler
from nophoto.worker.settings import Settings

EVENING = datetime(2026, 1, 31, 22, 0, tzinfo=UTC)


class Clock:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.now = EVENING

    def seconds(self) -> float:
        return (self.now - EVENING).total_seconds()

    def pass_until(self, end: datetime, *schedulers: DatabaseScheduler, every: float = 10) -> None:
        """Let each work once in so many minutes."""
        while self.now < end:
            for scheduler in schedulers:
                scheduler.tick()
            self.now += timedelta(minutes=every)


@pytest.fixture
def time_of_test() -> Clock:
    return Clock()


@pytest.fixture
def settings(database: Database, broker_url: str) -> Settings:
    return Settings(
        _env_file=None,
        database_url=database.engine.url.render_as_string(hide_password=False),
        broker_url=broker_url,
        timezone="Europe/Berlin",
        rescore_at="03:00",
        prune_at="04:30",
    )


@pytest.fixture
def scheduler(
    database: Database, settings: Settings, time_of_test: Clock
) -> Callable[..., DatabaseScheduler]:
    """Makes schedulers that go by the test's clock."""

    def scheduler(**others: object) -> DatabaseScheduler:
        chosen = settings.model_copy(update=others)
        return DatabaseScheduler(
            create_app(chosen), database, chosen, lambda: time_of_test.now, time_of_test.seconds
        )

    return scheduler


def sent(broker_url: str, queue: str = "bulk") -> list[str]:
    """The names of the tasks in a queue, the first sent first; it is empty afterwards."""
    redis = Redis.from_url(broker_url.replace("redis+socket", "unix"))
    messages = redis.lrange(queue, 0, -1)
    redis.delete(queue)
    return [json.loads(message)["headers"]["task"] for message in reversed(messages)]


def observations(database: Database, settings: Settings) -> list[Observation]:
    with database.reading() as session:
        return list(observe(session, settings))


def test_three_nights_with_two_schedulers(scheduler, time_of_test, broker_url) -> None:
    both = scheduler(), scheduler()
    # Jobs that were due before anybody was there are not made up for.
    time_of_test.pass_until(EVENING + timedelta(hours=3), *both)
    assert sent(broker_url) == []
    time_of_test.pass_until(EVENING + timedelta(hours=4.5), *both)
    assert sent(broker_url) == ["nophoto.rescore"]
    time_of_test.pass_until(EVENING + timedelta(hours=72), *both, every=30)
    assert sent(broker_url) == [
        "nophoto.prune",
        *(["nophoto.rescore", "nophoto.prune"] * 2),
    ]
    assert set(sent(broker_url, "sweep")) == {"nophoto.sweep"}


def test_two_schedulers_at_the_same_moment(database, scheduler, time_of_test, broker_url) -> None:
    many = [scheduler() for _ in range(4)]
    time_of_test.pass_until(EVENING + timedelta(minutes=10), many[0])
    time_of_test.now = EVENING + timedelta(hours=5)
    barrier = threading.Barrier(len(many))

    def tick(one: DatabaseScheduler) -> None:
        barrier.wait()
        one.tick()

    threads = [threading.Thread(target=tick, args=[one]) for one in many]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sent(broker_url) == ["nophoto.rescore"]
    with database.reading() as session:
        assert scheduled_runs.latest(session, Job.RESCORE).outcome == ScheduledRunOutcome.SENT


def test_a_scheduler_that_was_away_for_an_hour_makes_it_up(
    scheduler, time_of_test, broker_url
) -> None:
    time_of_test.pass_until(EVENING + timedelta(hours=1), scheduler())
    time_of_test.now = EVENING + timedelta(hours=5)
    scheduler().tick()
    assert sent(broker_url) == ["nophoto.rescore"]


def test_a_night_without_a_scheduler_is_named_and_not_made_up_by_day(
    database, scheduler, time_of_test, broker_url, caplog
) -> None:
    time_of_test.pass_until(EVENING + timedelta(hours=1), scheduler())
    time_of_test.now = EVENING + timedelta(hours=17)
    scheduler().tick()
    assert sent(broker_url) == []
    assert "rescore, due at 2026-02-01T02:00:00+00:00, was missed" in caplog.text
    with database.reading() as session:
        assert scheduled_runs.latest(session, Job.RESCORE).outcome == ScheduledRunOutcome.MISSED
    time_of_test.pass_until(EVENING + timedelta(hours=29), scheduler())
    assert sent(broker_url) == ["nophoto.rescore"]


def test_a_broker_that_is_away_delays_the_job_and_loses_none(
    database, scheduler, time_of_test, broker_url, caplog
) -> None:
    # Whatever level a library of another test left behind.
    caplog.set_level(logging.WARNING)
    time_of_test.pass_until(EVENING + timedelta(hours=1), scheduler())
    time_of_test.now = EVENING + timedelta(hours=5)
    scheduler(broker_url=SecretStr("redis://127.0.0.1:1/0")).tick()
    assert "looked at again soon" in caplog.text
    with database.reading() as session:
        assert scheduled_runs.latest(session, Job.RESCORE).outcome == ScheduledRunOutcome.FIRST
    scheduler().tick()
    assert sent(broker_url) == ["nophoto.rescore"]


@pytest.fixture
def an_hour_ago() -> dict[str, object]:
    """Settings by which the rescoring was due an hour ago, by the real clock."""
    due = datetime.now(UTC) - timedelta(hours=1)
    return {"timezone": "UTC", "rescore_at": due.time().replace(microsecond=0), "prune_at": None}


def test_a_scheduler_that_was_never_started_is_ill_once_a_night_has_passed(
    database, settings, an_hour_ago
) -> None:
    chosen = settings.model_copy(update=an_hour_ago)
    assert [seen.remedy for seen in observations(database, chosen)] == [""]
    with database.transaction() as session:
        add_uploads(session, [NewUpload("a", "/a.jpg")], Lane.BULK)
    # What came after the night could not be judged again in it.
    assert [seen.remedy for seen in observations(database, chosen)] == [""]
    with database.transaction() as session:
        session.connection().exec_driver_sql("UPDATE uploads SET created_at = '2020-01-01'")
    (seen,) = observations(database, chosen)
    assert "was missed: no scheduler has ever run" in seen.detail
    assert "nophoto beat" in seen.remedy


@pytest.mark.parametrize(
    ("outcome", "ago", "detail", "is_well"),
    [
        (ScheduledRunOutcome.FIRST, timedelta(hours=1), "has not been due yet", True),
        (ScheduledRunOutcome.FIRST, timedelta(hours=25), "was missed: no scheduler runs", False),
        (ScheduledRunOutcome.MISSED, timedelta(hours=1), "was missed", False),
        (ScheduledRunOutcome.SENT, timedelta(hours=1), "no worker has taken it", False),
    ],
)
def test_what_is_said_of_a_night(
    database, settings, an_hour_ago, outcome, ago, detail, is_well
) -> None:
    chosen = settings.model_copy(update=an_hour_ago)
    now = datetime.now(UTC)
    due = datetime.combine(now.date(), chosen.rescore_at, UTC)
    due = due if due <= now else due - timedelta(days=1)
    due -= ago - timedelta(hours=1)
    with database.transaction() as session:
        session.add(
            ScheduledRun(
                job=Job.RESCORE, due_at=due, outcome=outcome, at=now - timedelta(minutes=59)
            )
        )
    (seen,) = observations(database, chosen)
    assert detail in seen.detail
    assert (seen.remedy == "") == is_well


@pytest.fixture
def sent_an_hour_ago(database, settings, an_hour_ago) -> Settings:
    """Settings whose rescoring was due an hour ago and sent at once, to nobody's knowledge."""
    chosen = settings.model_copy(update=an_hour_ago)
    now = datetime.now(UTC)
    due = datetime.combine(now.date(), chosen.rescore_at, UTC)
    due = due if due <= now else due - timedelta(days=1)
    with database.transaction() as session:
        session.add(
            ScheduledRun(job=Job.RESCORE, due_at=due, outcome=ScheduledRunOutcome.SENT, at=due)
        )
    return chosen


def open_since_yesterday(database: Database) -> RunToken:
    """A rescoring that a worker took up the night before."""
    with database.transaction() as session:
        run_id = runs.request(session, RunKind.RESCORE, {})
        session.execute(update(Run).values(created_at=datetime.now(UTC) - timedelta(days=1)))
        return runs.claim(session, run_id, 60).token


def test_a_night_behind_a_run_that_asks_waits_for_the_answer(database, sent_an_hour_ago) -> None:
    token = open_since_yesterday(database)
    with database.transaction() as session:
        runs.hold(session, token, {"phase": "asks", "question": "2 of 12 would be turned over"})
    asks, night = observations(database, sent_an_hour_ago)
    assert asks.part == "runs"
    assert asks.detail == f"run {token.run_id} (rescore) asks: 2 of 12 would be turned over"
    assert night.detail.endswith(f"waits for the answer to run {token.run_id}")
    for seen in (asks, night):
        assert f"`nophoto runs resume {token.run_id}`" in seen.remedy
        assert f"`nophoto runs cancel {token.run_id}`" in seen.remedy
    with database.transaction() as session:
        runs.cancel(session, token.run_id)
    (night,) = observations(database, sent_an_hour_ago)
    assert night.detail.endswith(f"gave way to run {token.run_id}, which is cancelled")
    assert night.remedy == ""


def test_a_night_behind_a_run_that_somebody_paused_or_that_takes_long(
    database, sent_an_hour_ago
) -> None:
    token = open_since_yesterday(database)
    (night,) = observations(database, sent_an_hour_ago)
    assert night.detail.endswith(f"gave way to run {token.run_id}, which is running")
    assert night.remedy == ""
    with database.transaction() as session:
        runs.pause(session, token.run_id)
    (night,) = observations(database, sent_an_hour_ago)
    assert night.detail.endswith(f"waits for paused run {token.run_id}")
    assert f"`nophoto runs resume {token.run_id}`" in night.remedy


def test_a_night_of_which_a_run_came_is_well(database, sent_an_hour_ago) -> None:
    with database.transaction() as session:
        runs.request(session, RunKind.RESCORE, {})
    (night,) = observations(database, sent_an_hour_ago)
    assert (night.detail.endswith("was sent"), night.remedy) == (True, "")
