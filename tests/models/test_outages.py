import logging

import pytest

from nophoto.models.errors import NophotoError
from nophoto.models.outages import QUIET_SECONDS, OutageError, Outages

_log = logging.getLogger("nophoto.test")


class AwayError(OutageError):
    service = "the well"


class Clock:
    time = 1000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def outages(clock: Clock) -> Outages:
    return Outages(clock)


def test_one_warning_and_one_summary(
    outages: Outages, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(1_000):
        clock.time += 0.1
        what = "no bucket was drawn" if number % 4 else "no cup was filled"
        outages.warn(_log, what, AwayError("it is dry. Dig\na traceback"))
    clock.time += QUIET_SECONDS
    outages.answered("the well")
    outages.answered("the well")
    assert caplog.messages == [
        "no cup was filled: it is dry. Dig. Until the well answers, further failures are only "
        "counted",
        "the well answers again after 105 seconds; 999 failures were not logged "
        "(no bucket was drawn: 750; no cup was filled: 249)",
    ]
    assert {record.levelname for record in caplog.records} == {"WARNING"}


def test_a_service_that_answers_now_and_then_is_away(
    outages: Outages, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(100):
        clock.time += 1
        outages.warn(_log, "no bucket was drawn", AwayError("it is dry"))
        outages.answered("the well")
    assert len(caplog.messages) == 1
    outages.answered("the well")
    clock.time += QUIET_SECONDS + 1
    outages.answered("the well")
    assert caplog.messages[1:] == [
        "the well answers again after 99 seconds; 99 failures were not logged "
        "(no bucket was drawn: 99)"
    ]


def test_the_next_outage_is_told_again(
    outages: Outages, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        outages.warn(_log, "no bucket was drawn", AwayError("it is dry"))
        clock.time += QUIET_SECONDS
        outages.answered("the well")
    assert [message.partition(" ")[0] for message in caplog.messages] == ["no", "the"] * 2


def test_what_is_no_outage_is_always_told(
    outages: Outages, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        outages.warn(_log, "no bucket was drawn", NophotoError("its bottom is out"))
    assert caplog.messages == ["no bucket was drawn: its bottom is out"] * 3


def test_an_answer_without_an_outage_says_nothing(
    outages: Outages, caplog: pytest.LogCaptureFixture
) -> None:
    outages.answered("the well")
    assert not caplog.messages
