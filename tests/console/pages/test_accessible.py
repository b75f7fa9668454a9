"""axe-core on every page: no serious fault, light and dark, in both languages."""

import pytest
from axe_playwright_python.sync_playwright import Axe

PAGES = ("", "review", "references", "allowed", "queue", "models")
READY = "#drop, .item, .empty, section.reference, .tiles, .version"


def faults(page) -> list[str]:
    """What axe calls serious or critical, with the parts that it means."""
    found = Axe().run(page).response["violations"]
    return [
        f"{rule['id']}: {node['html'][:200]} {node.get('failureSummary', '')[:200]}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "ru"])
def test_axe_finds_no_serious_fault_on_any_page(site, visit, scheme, language):
    page = visit("engineer", color_scheme=scheme)
    found = {}
    for path in PAGES:
        page.goto(f"{site.url}/{language}/{path}")
        page.wait_for_selector(READY)
        page.wait_for_timeout(500)
        headings = page.locator("h1").all_inner_texts()
        if some := [*faults(page), *([] if len(headings) == 1 else [f"headings: {headings}"])]:
            found[path] = some
    assert not found, "\n".join(f"{path}: {each}" for path in found for each in found[path])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault_at_the_login(site, browser, scheme):
    page = browser.new_context(locale="ru-RU", color_scheme=scheme).new_page()
    page.goto(f"{site.url}/login?expired=1")
    assert faults(page) == []
