"""Two moderators at work on a real system: worker, broker, PostgreSQL, Chromium."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page
from sqlalchemy import update

from benchmarks.environment import environment_of
from nophoto.jobs.operations.users import add_user
from nophoto.models.records import clock
from nophoto.models.records.review.review_leases import LEASE
from nophoto.models.records.tables import ReviewLease, Role
from nophoto.models.vocabulary import Verdict
from tests.console.conftest import PASSWORD, Site
from tests.console.pages.acting import press


@pytest.fixture(scope="module")
def second(site: Site) -> str:
    """Another moderator than `moderator`."""
    add_user(site.database, "ann", PASSWORD, Role.MODERATOR)
    return "ann"


def nophoto(site: Site, *arguments: str) -> str:
    """Run the command as the system's engineer does; what it says."""
    done = subprocess.run(
        [sys.executable, "-m", "nophoto.jobs.cli", *arguments],
        env=os.environ | environment_of(site.settings),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def item(page: Page) -> str:
    """The key of the upload that the page Review shows."""
    page.wait_for_selector(".item .key")
    return page.inner_text(".item .key >> nth=0")


def let_leases_lapse(site: Site, reviewer: str) -> None:
    """Ten minutes later."""
    with site.database.transaction() as session:
        past = clock.now(session) - timedelta(seconds=1)
        session.execute(
            update(ReviewLease)
            .where(ReviewLease.reviewer == reviewer)
            .values(since=past - LEASE, until=past)
        )


def test_two_moderators_share_the_queue_and_settle_an_appeal(
    site: Site, visit: Callable[..., Page], second: str
) -> None:
    one, other = visit("moderator", "review"), visit(second, "review")
    first = item(one)
    assert item(other) != first, "nobody gets what another looks at"

    let_leases_lapse(site, "moderator")
    other.reload()
    other.wait_for_selector(f".item .key:text-is('{first}')")
    assert ": real." in press(other, "o")
    assert f"{second} had just decided" in press(one, "c"), "the lease has lapsed meanwhile"
    # What stands is not overruled, and can be taken back by the one who said it.
    assert site.rows()[first].reviewed == Verdict.REAL
    assert "Taken back" in press(other, "u")
    assert site.rows()[first].reviewed is None
    other.wait_for_selector(f".item .key:text-is('{first}')")
    press(other, "o")

    nophoto(site, "reviews", "appeal", first, "--by", "seller 7", "--note", "it is a placeholder")
    other.reload()
    other.wait_for_selector(".item, .empty")
    assert other.locator(".appeal").count() == 0, "nobody decides on their own word"
    one.reload()
    one.wait_for_selector(".appeal")
    shown = one.inner_text(".appeal")
    for words in (first, "seller 7", "it is a placeholder", f"Said by: {second}"):
        assert words in shown
    assert "Kept: placeholder" in press(one, "o")
    assert site.rows()[first].reviewed == Verdict.PLACEHOLDER
    one.wait_for_selector(".item:not(.appeal), .empty")
