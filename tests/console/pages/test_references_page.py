"""The page References in a real browser against a real system."""

from nophoto.models.records import references
from tests.console.pages.acting import as_viewer, choose, said


def test_references_are_retired_and_restored(site, visit):
    page = visit("moderator", "references")
    page.wait_for_selector("section.reference")
    reference = page.get_attribute("section.reference >> nth=0", "data-id")
    page.click("section.reference >> nth=0 >> text=Retire")
    said(page, "is retired")
    page.click("[data-act=page] >> nth=1")
    page.wait_for_selector("text=page 2 of")
    page.click("[data-act=page] >> nth=0")
    page.wait_for_selector("text=page 1 of")
    choose(page, "State", "retired")
    page.click(f".reference.retired[data-id='{reference}'] >> text=Restore")
    said(page, "back in the set")
    with site.database.reading() as session:
        assert int(reference) in {m.id for m in references.active(session).members}


def test_a_reference_is_put_in_quarantine_and_taken_back(site, visit):
    page = visit("moderator", "references")
    page.wait_for_selector("section.reference")
    reference = int(page.get_attribute("section.reference >> nth=1", "data-id"))
    page.click(f".reference[data-id='{reference}'] >> text=Quarantine")
    said(page, "is in quarantine")
    page.locator(f".reference[data-id='{reference}']").wait_for(state="detached")
    with site.database.reading() as session:
        assert [m.id for m in references.active(session).quarantined] == [reference]
        row = next(row for row in references.list_all(session) if row.id == reference)
    assert row.changed_by == "moderator"
    choose(page, "State", "in quarantine")
    card = page.locator(f".reference.quarantined[data-id='{reference}']")
    card.wait_for()
    assert "by moderator" in card.inner_text()
    card.locator("text=Restore").click()
    said(page, "back in the set")
    with site.database.reading() as session:
        assert references.active(session).quarantined == []


def test_quarantine_is_refused_to_who_may_only_look(site, visit):
    page = visit("viewer", "references")
    page.wait_for_selector("section.reference")
    assert page.locator("section.reference button").count() == 0
    page = visit("moderator", "references")
    button = page.locator("section.reference >> nth=0 >> text=Quarantine")
    button.wait_for()
    with as_viewer(site, "moderator"):
        button.click()
        page.wait_for_selector("text=You may not do this")
    with site.database.reading() as session:
        assert references.active(session).quarantined == []
