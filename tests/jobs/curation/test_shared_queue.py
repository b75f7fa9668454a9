"""Moderators who work at the same time: leases, appeals, codes."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from nophoto.jobs.curation.appeals import appeal, decide_appeal
from nophoto.jobs.curation.reviews import decide_group, undo_last
from nophoto.jobs.curation.shared_queue import next_item, release
from nophoto.models.records import clock
from nophoto.models.records.database import Database
from nophoto.models.records.review import spot_check_draws
from nophoto.models.records.review.group_reviews import PictureGroup
from nophoto.models.records.review.review_leases import LEASE
from nophoto.models.records.review.review_queue import Order, QueueFilter
from nophoto.models.records.review.spot_check_draws import Shares
from nophoto.models.records.scoring.outcomes import Judged
from nophoto.models.records.tables import Review, ReviewLease, Upload
from nophoto.models.vocabulary import Verdict
from tests.jobs.conftest import Cli

PLACEHOLDER, REAL = Verdict.PLACEHOLDER, Verdict.REAL
ALL = QueueFilter()


@pytest.fixture
def queue(installed: Database, outcomes: Callable[..., None]) -> Database:
    """Six flagged uploads, each of its own bytes, and one that is real."""
    outcomes(installed, *((f"shop/{n}", f"/x/{n}.jpg", 0.9) for n in range(6)))
    outcomes(installed, ("shop/cat", "/x/cat.jpg", -0.5))
    with installed.transaction() as session:
        for upload in session.scalars(select(Upload)):
            upload.digest = f"{upload.id:064x}"
            upload.needs_review = False
    return installed


def shown(database: Database, who: str, **options) -> str | None:
    item = next_item(database, who, ALL, Order.NEWEST, together=False, **options)
    if item.appeal:
        return f"appeal {item.appeal.key}"
    if item.spot_check:
        return f"check {item.spot_check.key}"
    return item.groups[0].first.key if item.groups else None


def group(database: Database, who: str) -> PictureGroup:
    item = next_item(database, who, ALL, Order.NEWEST, together=False)
    with database.reading() as session:
        return PictureGroup(item.groups[0].digests, ALL, clock.now(session))


def test_five_moderators_at_once_get_five_items(queue: Database) -> None:
    with ThreadPoolExecutor(5) as threads:
        found = list(threads.map(lambda n: shown(queue, f"m{n}"), range(5)))
    assert len(set(found)) == 5
    assert shown(queue, "m0") == found[0], "the same item until it is decided"
    assert shown(queue, "late") not in found


def test_what_is_left_or_lapses_goes_to_others(queue: Database) -> None:
    first = shown(queue, "ann")
    assert shown(queue, "bob") != first
    release(queue, "bob")
    release(queue, "ann")
    assert shown(queue, "eve") == first
    with queue.transaction() as session:
        past = clock.now(session) - timedelta(seconds=1)
        session.execute(update(ReviewLease).values(since=past - LEASE, until=past))
    assert shown(queue, "bob") == first


def test_a_lease_of_a_clock_that_was_ahead_does_not_last_for_ever(queue: Database) -> None:
    first = shown(queue, "ann")
    with queue.transaction() as session:
        far = clock.now(session) + timedelta(days=400)
        session.execute(update(ReviewLease).values(since=far - LEASE, until=far))
    assert shown(queue, "bob") == first


def test_a_lease_that_lapsed_while_deciding_overrules_nobody(queue: Database) -> None:
    mine = group(queue, "ann")
    with queue.transaction() as session:
        past = clock.now(session) - timedelta(seconds=1)
        session.execute(update(ReviewLease).values(since=past - LEASE, until=past))
    theirs = group(queue, "bob")
    assert theirs.digests == mine.digests
    assert decide_group(queue, theirs, REAL, "bob").made == 1
    late = decide_group(queue, mine, PLACEHOLDER, "ann")
    assert late.made == 0
    assert [(other.reviewer, other.verdict) for other in late.others] == [("bob", REAL)]


def test_why_and_how_long_is_kept_with_a_decision(queue: Database) -> None:
    mine = group(queue, "ann")
    with queue.transaction() as session:
        since = clock.now(session) - timedelta(seconds=7)
        session.execute(update(ReviewLease).values(since=since))
    decide_group(queue, mine, REAL, "ann", code="logo")
    with queue.reading() as session:
        (review,) = session.scalars(select(Review)).all()
    assert review.code == "logo"
    assert 7 <= review.seconds < 20


def test_an_appeal_comes_first_to_a_second_moderator_and_is_taken_back(queue: Database) -> None:
    mine = group(queue, "ann")
    decide_group(queue, mine, PLACEHOLDER, "ann")
    with queue.reading() as session:
        key, upload_id = session.execute(
            select(Upload.key, Upload.id).where(Upload.reviewed.is_not(None))
        ).one()
    assert appeal(queue, [key], "seller 7", note="it is my logo") == 1
    assert appeal(queue, [key], "seller 7") == 0, "one open appeal says it"
    assert shown(queue, "ann") != f"appeal {key}", "nobody decides on their own word"
    item = next_item(queue, "bob", ALL, Order.NEWEST)
    assert item.appeal is not None
    assert (item.appeal.note, item.appeal.first_reviewer) == ("it is my logo", "ann")
    assert decide_appeal(queue, item.appeal.appeal_id, REAL, "ann").was_taken
    assert decide_appeal(queue, item.appeal.appeal_id, REAL, "bob").decided == 1
    assert decide_appeal(queue, item.appeal.appeal_id, REAL, "eve").was_taken
    with queue.reading() as session:
        assert session.scalar(select(Upload.reviewed).where(Upload.id == upload_id)) == REAL
    assert undo_last(queue, "bob") == 1
    with queue.reading() as session:
        assert session.scalar(select(Upload.reviewed).where(Upload.id == upload_id)) == PLACEHOLDER
    assert shown(queue, "bob") == f"appeal {key}"


def test_an_appeal_is_opened_by_the_command(queue: Database, cli: Cli) -> None:
    result = cli("reviews", "appeal", "shop/cat", "--by", "seller 7", "--note", "look again")
    assert "1 appeals opened" in result.stderr
    assert shown(queue, "ann") == "appeal shop/cat"
    result = cli("reviews", "appeal", "nothing", "--by", "seller 7")
    assert result.exit_code == 1
    assert "no upload has the key nothing" in result.stderr


def test_a_filter_shows_neither_appeals_nor_spot_checks(queue: Database) -> None:
    appeal(queue, ["shop/cat"], "seller 7")
    item = next_item(queue, "ann", QueueFilter(key_prefix="shop/3"), Order.NEWEST)
    assert item.groups[0].first.key == "shop/3"


def test_every_fourth_item_is_a_spot_check_which_others_do_not_get(queue: Database) -> None:
    with queue.transaction() as session:
        row = session.scalars(select(Upload).where(Upload.key == "shop/cat")).one()
        judged = [Judged(row.id, row.digest, REAL, False, None, None, score=-0.5)]
        spot_check_draws.draw(session, judged, row.model_version_id, Shares(1.0, 0.0, 1.0))
    assert not str(shown(queue, "ann", turn=2)).startswith("check")
    assert shown(queue, "ann", turn=3) == "check shop/cat"
    assert not str(shown(queue, "bob", turn=3)).startswith("check")


def test_a_code_is_one_of_those_of_the_settings(queue: Database, cli: Cli) -> None:
    result = cli("reviews", "decide", "real", "shop/1", "--code", "nonsense")
    assert result.exit_code == 2
    result = cli("reviews", "decide", "real", "shop/1", "--code", "logo", "--json")
    assert json.loads(result.stdout) == {"decided": 1, "already": 0}
