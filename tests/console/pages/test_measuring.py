"""Measuring in a real browser: spot checks on the page Review, and the page Quality."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from nophoto.models.records.review import spot_check_draws
from nophoto.models.records.review.spot_check_draws import Shares
from nophoto.models.records.scoring.outcomes import Judged
from nophoto.models.records.tables import SpotCheckAnswer, Upload
from nophoto.models.records.versions import model_versions
from nophoto.models.vocabulary import Verdict
from tests.console.conftest import Site, running_site
from tests.console.pages.acting import press

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """A system of its own."""
    with running_site() as site:
        yield site


def draw_all(site, *, second: float) -> None:
    """Draw every verdict that stands."""
    with site.database.transaction() as session:
        judged = [
            Judged(row.id, row.digest, row.verdict, False, None, None, score=row.score)
            for row in session.scalars(select(Upload).where(Upload.verdict.is_not(None)))
        ]
        active = model_versions.active(session)
        spot_check_draws.draw(session, judged, active.id, Shares(1.0, 1.0, second))


def test_spot_checks_hide_the_networks_answer_and_give_recall(site, visit):
    page = visit("moderator", "quality")
    page.wait_for_selector("text=There is no figure yet")
    draw_all(site, second=1.0)
    page.goto(f"{site.url}/en/review")
    page.wait_for_selector(".spot-check")
    shown = page.inner_text("#review")
    assert "placeholder" in shown
    for hidden in ("The network says", "similarity", "Nearest reference"):
        assert hidden not in shown
    assert page.locator("[data-key=c], .gauge, figure.reference").count() == 0
    rows = site.rows()
    for _ in range(4):  # the same bytes are one
        key = page.inner_text(".item .key")
        # A moderator who knows: the cat is real, and one tile that is flagged is as well.
        is_real = key in ("cat.jpg", "third.webp")
        assert "Kept:" in press(page, "r" if is_real else "p")
        assert rows[key].verdict in Verdict
    page.wait_for_selector("#review:has-text('Nothing waits')")
    press(page, "u")
    press(page, "p" if page.inner_text(".item .key") not in ("cat.jpg", "third.webp") else "r")

    second = visit("engineer", "review")
    second.wait_for_selector(".spot-check")
    press(second, "r")
    with site.database.reading() as session:
        names = session.scalars(select(SpotCheckAnswer.reviewer).distinct()).all()
    assert sorted(names) == ["engineer", "moderator"]

    page.goto(f"{site.url}/en/quality")
    page.wait_for_selector("[data-figure=precision] b:text-is('75.0%')")
    page.wait_for_selector("[data-figure=recall] b:text-is('100.0%')")
    page.wait_for_selector("text=engineer, moderator")
    page.goto(f"{site.url}/ru/quality")
    page.wait_for_selector("text=полнота >> nth=0")


def test_with_a_filter_nothing_is_hidden_and_a_viewer_is_asked_nothing(site, visit):
    draw_all(site, second=0.0)
    page = visit("viewer", "review")
    page.wait_for_selector(".empty, .item")
    assert page.locator(".spot-check").count() == 0
