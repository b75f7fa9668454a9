"""Notices are written with the outcome they tell of, and handed out until they were taken."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from nophoto.models.records.database import Database
from nophoto.models.records.notifications import notices, outbox
from nophoto.models.records.notifications.notices import DueNotice, Refusal
from nophoto.models.records.review import reviews
from nophoto.models.records.scoring import sweep
from nophoto.models.records.scoring.claims import Claim
from nophoto.models.records.scoring.outcomes import Failed, Judged, record_outcomes
from nophoto.models.records.tables import Channel, Notice, Upload
from nophoto.models.records.versions.model_versions import NewModelVersion
from nophoto.models.vocabulary import FailureCode, Verdict


@pytest.fixture
def record(
    database: Database,
    model: NewModelVersion,
    enqueue: Callable[..., list[int]],
    claim: Callable[..., Claim],
) -> Callable[..., None]:
    """Judges the uploads of these keys: `real`, or failed where the key begins with "bad"."""

    def record(*keys: str) -> None:
        ids = enqueue(*keys)
        token = claim(ids).token
        judged = [
            Judged(upload, "ab" * 32, Verdict.REAL, False, None, None)
            for upload, key in zip(ids, keys, strict=True)
            if not key.startswith("bad")
        ]
        failed = [
            Failed(upload, None, FailureCode.MISSING, "gone")
            for upload, key in zip(ids, keys, strict=True)
            if key.startswith("bad")
        ]
        with database.transaction() as session:
            record_outcomes(session, token, judged, failed, model.id, 0)

    return record


@pytest.fixture
def take(database: Database) -> Callable[..., list[DueNotice]]:
    """Claims notices of the webhook."""

    def take(limit: int = 100, lease_seconds: float = 60.0) -> list[DueNotice]:
        with database.transaction() as session:
            return notices.claim(session, Channel.WEBHOOK, limit, lease_seconds)

    return take


def subscribe(database: Database, *channels: Channel) -> None:
    with database.transaction() as session:
        outbox.subscribe(session, channels)


def settle(database: Database, taken: list[int], *refusals: Refusal) -> None:
    with database.transaction() as session:
        notices.settle(session, taken, refusals)


def test_without_a_channel_nothing_is_written(database, record, take) -> None:
    record("a")
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Notice)) == 0


def test_each_channel_is_told_of_verdicts_and_failures(database, record, take) -> None:
    subscribe(database, Channel.WEBHOOK, Channel.TASK)
    record("a", "bad b")
    told = take()
    assert [notice.event["type"] for notice in told] == ["upload.judged", "upload.failed"]
    assert [notice.event["data"]["key"] for notice in told] == ["a", "bad b"]
    assert told[0].event["data"]["verdict"] == "real"
    assert told[1].event["data"]["failure"] == "missing"
    with database.transaction() as session:
        assert len(notices.claim(session, Channel.TASK, 100, 60)) == 2


def test_a_notice_stands_or_falls_with_its_outcome(database, model, enqueue, claim, take) -> None:
    subscribe(database, Channel.WEBHOOK)
    ids = enqueue("a")
    token = claim(ids).token
    with pytest.raises(ZeroDivisionError), database.transaction() as session:
        judged = [Judged(ids[0], "ab" * 32, Verdict.REAL, False, None, None)]
        record_outcomes(session, token, judged, [], model.id, 0)
        raise ZeroDivisionError
    assert take() == []


def test_a_late_worker_tells_nothing(database, model, enqueue, claim, take) -> None:
    subscribe(database, Channel.WEBHOOK)
    ids = enqueue("a")
    late, current = claim(ids, -60).token, claim(ids).token
    for token in (late, current, current):
        with database.transaction() as session:
            judged = [Judged(ids[0], "ab" * 32, Verdict.REAL, False, None, None)]
            record_outcomes(session, token, judged, [], model.id, 0)
    assert len(take()) == 1


def test_uploads_that_are_given_up_are_told_of(database, enqueue, claim, take) -> None:
    subscribe(database, Channel.WEBHOOK)
    claim(enqueue("a"), -60)
    with database.transaction() as session:
        assert sweep.give_up(session, max_attempts=1, lease_seconds=15) == 1
    assert take()[0].event["data"]["failure"] == "crashed"


def test_two_senders_get_different_notices_and_a_dead_ones_come_back(
    database, record, take
) -> None:
    subscribe(database, Channel.WEBHOOK)
    record("a", "b", "c")
    alive, dead = take(1), take(2, lease_seconds=-1)
    assert len({notice.id for notice in alive + dead}) == 3
    assert [notice.id for notice in take()] == [notice.id for notice in dead]


def test_refused_notices_wait_and_die_and_are_sent_again_when_asked(database, record, take) -> None:
    subscribe(database, Channel.WEBHOOK)
    record("a", "b", "c")
    one, two, three = take()
    settle(
        database,
        [three.id],
        Refusal(one.id, "500", again_in=0),
        Refusal(two.id, "\0 broken", again_in=None),
    )
    again = take()
    assert [(notice.id, notice.message_id, notice.attempts) for notice in again] == [
        (one.id, one.message_id, 1)
    ]
    with database.reading() as session:
        (dead,) = notices.find(session, dead=True, limit=10)
        standing = notices.standing(session)[Channel.WEBHOOK]
    assert (dead.id, dead.attempts, dead.error) == (two.id, 1, "\\0 broken")
    assert (standing.waiting, standing.dead) == (1, 1)
    with database.transaction() as session:
        assert notices.resend(session, [one.id, two.id]) == 1
        assert notices.resend(session) == 0
    assert [(notice.id, notice.attempts) for notice in take()] == [(two.id, 0)]


def test_the_numbers_of_notices_only_grow(database, record, take) -> None:
    """A receiver tells the newer of two by them, also when all before were taken."""
    subscribe(database, Channel.WEBHOOK)
    highest = 0
    for key in ("a", "b", "c"):
        record(key)
        (notice,) = take()
        assert notice.id > highest
        highest = notice.id
        settle(database, [notice.id])


def test_a_closed_channel_is_told_nothing_more(database, record, take) -> None:
    subscribe(database, Channel.WEBHOOK)
    subscribe(database, Channel.WEBHOOK)
    record("a")
    with database.transaction() as session:
        assert outbox.unsubscribe(session, Channel.WEBHOOK) == 1
    record("b")
    assert take() == []


def test_a_moderators_word_and_its_end_are_told(database, record, take) -> None:
    subscribe(database, Channel.WEBHOOK)
    record("a")
    with database.reading() as session:
        upload = session.scalars(select(Upload.id)).one()
    with database.transaction() as session:
        made = reviews.decide(session, [upload], Verdict.PLACEHOLDER, "ann").made
    with database.transaction() as session:
        reviews.undo(session, [made[0].review_id], "ann")
    told = [notice.event["data"] for notice in take()]
    assert [(data["verdict"], data["decided_by"]) for data in told] == [
        ("real", "network"),
        ("placeholder", "moderator"),
        ("real", "network"),
    ]
