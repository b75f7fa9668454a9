"""An engineer at work on a real system: worker, broker, PostgreSQL, Chromium."""

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from shutil import copyfile, rmtree

import pytest
from PIL import Image
from playwright.sync_api import Page
from skimage import data
from sqlalchemy import select

from nophoto.jobs.versions.promotion import import_version
from nophoto.jobs.versions.shadow import shadow_report
from nophoto.models.records.tables import Upload
from nophoto.models.vision.references import shipped_references
from nophoto.models.vocabulary import Verdict
from tests.console.conftest import Site, running_site, until
from tests.console.pages.acting import choose, press, said
from tests.console.pages.test_measuring import draw_all
from tests.console.pages.test_two_moderators import item, nophoto
from tests.parts import blind_version

_MOST_ITEMS = 60
"""Items that a moderator goes through until nothing waits."""


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """A system of its own."""
    with running_site() as site:
        yield site


@pytest.fixture
def candidate(site: Site, tmp_path: Path) -> Iterator[str]:
    """A version that calls next to nothing a placeholder, though its network is the shipped one."""
    version = blind_version(tmp_path / "candidate")
    import_version(site.database, site.settings, version.folder)
    yield version.id
    rmtree(version.folder)


def go_through_all(page: Page, placeholders: set[str]) -> None:
    """Answer whatever the page Review shows, as somebody who knows what each upload is."""
    for _ in range(_MOST_ITEMS):
        page.wait_for_selector(".item, .empty")
        if page.locator(".empty").count():
            return
        is_placeholder = item(page) in placeholders
        if page.locator(".spot-check").count():
            press(page, "p" if is_placeholder else "r")
        else:
            flagged = page.get_attribute(".keys .primary", "data-verdict") == Verdict.PLACEHOLDER
            press(page, "c" if is_placeholder == flagged else "o")
    raise AssertionError("items keep coming")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_an_engineer_finds_what_is_new_and_tries_a_version_in_the_shadow(
    site: Site, visit: Callable[..., Page], candidate: str
) -> None:
    # An unknown tile under eight keys, and a picture that is not one.
    unknown = [f"unknown-{n}.jpg" for n in range(8)]
    Image.fromarray(data.rocket()).resize((320, 214)).save(site.pictures / unknown[0], quality=90)
    for name in unknown[1:]:
        copyfile(site.pictures / unknown[0], site.pictures / name)
    site.enqueue(*unknown)
    assert {site.rows()[name].verdict for name in unknown} == {Verdict.REAL}
    nophoto(site, "collections", "add", "shoes")
    page = visit("engineer", "discover")
    page.wait_for_selector(".discovery h2:text-is('8 uploads')")
    choose(page, "Collection", "shoes")
    page.wait_for_selector("text=No picture is shared")
    choose(page, "Collection", "all")
    page.wait_for_selector(".discovery h2:text-is('8 uploads')")
    choose(page, "Kind of the new reference", "photo")
    page.click("[data-act=quarantine] >> nth=0")
    said(page, "is in quarantine")
    page.goto(f"{site.url}/en/references?state=quarantined")
    page.wait_for_selector(f".reference .name:has-text('{unknown[0].split('-')[0]}')")

    # Both versions judge what comes from now on; the candidate knows no placeholder.
    assert "in the shadow" in nophoto(site, "model", "shadow", candidate, "--share", "1")
    tiles = [f"tile-{n}.jpg" for n in range(12)]
    for name, reference in zip(tiles, shipped_references()[:120:10], strict=True):
        copy = Image.open(BytesIO(reference.data)).convert("RGB").resize((230, 230))
        copy.save(site.pictures / name, quality=60)
    site.enqueue(*tiles)
    flagged = {name for name in tiles if site.rows()[name].verdict == Verdict.PLACEHOLDER}
    assert len(flagged) >= 10

    def compared() -> int:
        report = shadow_report(site.database)
        return report.tally.compared if report else 0

    # With the next sweep, once the worker has opened the version.
    until(lambda: compared() == len(tiles), 300)
    page.goto(f"{site.url}/en/models")
    page.wait_for_selector("#shadow [data-shadow=tally]")
    assert "12 uploads compared" in page.inner_text("#shadow")
    assert page.locator("#shadow .strip figure").count() >= 5
    assert "No disagreement has been judged yet" in page.inner_text("#shadow")

    # A moderator who knows judges without seeing what either version says.
    draw_all(site, second=0.0)
    moderator = visit("moderator", "review")
    rest = {"tile.webp", "same.webp", "other.webp", "third.webp"}
    go_through_all(moderator, {*unknown, *tiles, *rest})
    page.reload()
    page.wait_for_selector("#shadow [data-shadow=difference]")
    assert "worse" in page.inner_text("#shadow [data-shadow=difference]")
    page.goto(f"{site.url}/en/quality")
    page.wait_for_selector("[data-figure=recall]")
    recall = float(page.inner_text("[data-figure=recall] b").rstrip("%"))
    assert 0 < recall < 100, "the unknown tile was missed"
    assert page.inner_text("[data-figure=precision] b") == "100.0%"
    assert "in the shadow no longer" in nophoto(site, "model", "shadow", "--stop")
    with site.database.reading() as session:
        decided = session.scalars(select(Upload.key).where(Upload.reviewed.is_not(None))).all()
    assert {*unknown, *tiles} <= set(decided)
