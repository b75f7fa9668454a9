"""axe-core on every page, light and dark, in both languages; and what one does with an item."""

from collections.abc import Iterator
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser
from sqlalchemy import func, insert

from nophoto.models.records import references
from nophoto.models.records.tables import Upload
from nophoto.models.records.versions import model_versions
from nophoto.models.vision.references import shipped_references
from tests.console.browsing import Windows
from tests.console.browsing import windows as opened_windows
from tests.console.pages.acting import PAGES, READY
from tests.console.serving import Served


@pytest.fixture(scope="module")
def flagged(served: Served) -> Served:
    """The console with three flagged uploads whose files are there."""
    pictures = served.settings.roots[0]
    with served.database.transaction() as session:
        active, members = model_versions.active(session), references.active(session).members
        for name, place in (("tile.webp", 0), ("other.webp", 100), ("third.webp", 200)):
            data = shipped_references()[place].data
            Path(pictures, name).write_bytes(data)
            values = {
                "key": name,
                "uri": f"{pictures}/{name}",
                "lane": "bulk",
                "state": "judged",
                "verdict": "placeholder",
                "digest": sha256(data).hexdigest(),
                "score": 0.2,
                "similarity": 1.0,
                "kind": "person",
                "nearest_reference_id": members[place].id,
                "model_version_id": active.id,
                "reference_set_version": 1,
            }
            now = {"created_at": func.now(), "updated_at": func.now(), "judged_at": func.now()}
            session.execute(insert(Upload).values(now), [values])
    return served


@pytest.fixture(scope="module")
def windows(flagged: Served, browser: Browser) -> Iterator[Windows]:
    """The windows of the console's users."""
    with opened_windows(browser, flagged.url) as windows:
        yield windows


def faults(page) -> list[str]:
    """What axe calls serious or critical, with the parts that it means."""
    found = Axe().run(page).response["violations"]
    return [
        f"{rule['id']}: {node['html'][:200]} {node.get('failureSummary', '')[:200]}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize(
    ("language", "schemes"),
    [
        # The language changes no colour.
        ("en", ["light", "dark"]),
        ("ru", ["dark"]),
        pytest.param("ru", ["light"], marks=pytest.mark.slow),
    ],
)
def test_axe_finds_no_serious_fault_on_any_page(flagged, visit, language, schemes):
    page = visit("engineer", color_scheme=schemes[0])
    found = []
    for path in PAGES:
        # Each page is loaded once, which takes a second.
        page.goto(f"{flagged.url}/{language}/{path}")
        page.wait_for_selector(READY)
        page.wait_for_selector("h1")
        for scheme in schemes:
            page.emulate_media(color_scheme=scheme)
            page.wait_for_timeout(300)
            found += [f"{path}, {scheme}: {each}" for each in faults(page)]
        headings = page.locator("h1").all_inner_texts()
        found += [] if len(headings) == 1 else [f"{path}: headings: {headings}"]
        page.emulate_media(color_scheme=schemes[0])
    assert not found, "\n".join(found)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault_at_the_login(flagged, browser, scheme):
    page = browser.new_context(locale="ru-RU", color_scheme=scheme).new_page()
    page.goto(f"{flagged.url}/login?expired=1")
    assert faults(page) == []


@pytest.mark.parametrize("path", ["references", "models", "review"])
def test_on_a_phone_in_russian_nothing_lies_over_an_edge_or_over_text(flagged, visit, path):
    page = visit("engineer", viewport={"width": 390, "height": 844})
    page.goto(f"{flagged.url}/ru/{path}")
    page.wait_for_selector(READY)
    page.wait_for_timeout(500)
    over = page.evaluate(
        "[...document.querySelectorAll('.card button, .card a, .card p, .card td')]"
        ".filter(e => e.offsetParent && !e.closest('.scroll, .strip, .keys'))"
        ".map(e => [e, e.getBoundingClientRect(), e.closest('.card').getBoundingClientRect()])"
        ".filter(([, own, card]) => own.right > card.right)"
        ".map(([e]) => e.outerHTML.slice(0, 120))"
    )
    assert over == []
    covered = page.evaluate(
        "[...document.querySelectorAll('input[role=listbox]')].filter(e => e.offsetParent)"
        ".filter(e => { const arrow = e.parentElement.parentElement.querySelector('svg');"
        " if (!arrow) return false; const text = e.getBoundingClientRect();"
        " const inside = text.right - parseFloat(getComputedStyle(e).paddingRight);"
        " return inside > arrow.getBoundingClientRect().left; })"
        ".map(e => e.ariaLabel)"
    )
    assert covered == []


def test_a_picture_opens_enlarged_and_in_its_own_size(flagged, visit):
    page = visit("viewer", "review")
    page.click(".zoom >> nth=0")
    page.wait_for_selector("dialog.enlarged img")
    link = page.get_attribute("dialog.enlarged a", "href")
    assert link.endswith("?size=full")
    answer = page.request.get(link)
    assert answer.headers["content-type"] == "image/webp"
    with (
        Image.open(BytesIO(answer.body())) as shown,
        Image.open(
            BytesIO(
                Path(flagged.settings.roots[0], page.inner_text(".item .key >> nth=0")).read_bytes()
            )
        ) as original,
    ):
        assert shown.size == original.size
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog.enlarged", state="detached")


def test_filters_act_while_one_types_and_stay_in_the_address(flagged, visit):
    page = visit("viewer", "review")
    page.wait_for_selector(".item")
    page.get_by_label("Key begins with").press_sequentially("other")
    page.wait_for_selector(".item .key:text-is('other.webp')")
    page.wait_for_url("**/en/review?key=other")
    page.reload()
    page.wait_for_selector(".item .key:text-is('other.webp')")
    assert page.get_by_label("Key begins with").input_value() == "other"
    page.click("text=Русский")
    page.wait_for_url("**/ru/review?key=other")
    page.goto(f"{flagged.url}/en/review?order=nonsense&verdict=real&together=perhaps")
    page.wait_for_selector(".empty")
    page.goto(f"{flagged.url}/en/references?name=silhouette-00&order=name")
    page.wait_for_selector(".reference .name:has-text('silhouette-000')")
    names = page.locator(".reference .name").all_inner_texts()
    assert names == sorted(names)
    assert all(name.startswith("silhouette-00") for name in names)


def test_an_item_is_made_a_reference_or_allowed_where_it_is_seen(flagged, visit):
    page = visit("moderator")
    page.goto(flagged.url)
    page.wait_for_url("**/en/review")
    page.wait_for_selector(".item")
    name = page.inner_text(".item .key >> nth=0")
    page.click("[data-act=reference]")
    page.wait_for_selector(f".ask:has-text('Add {name} as a reference?')")
    page.click(".ask [data-act=leave]")
    page.wait_for_selector(".ask", state="detached")
    page.click("text=Never flag it…")
    page.wait_for_url("**/en/allowed?key=*")
    page.wait_for_function(
        "name => [...document.querySelectorAll('input, textarea')].some(e => e.value === name)",
        arg=name,
    )
