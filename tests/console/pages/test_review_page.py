"""The page Review in a real browser against a real system: decisions, filters, roles."""

from sqlalchemy import select

from nophoto.jobs.curation.reviews import decide
from nophoto.models.records.review import reviews
from nophoto.models.records.tables import Review, Upload
from nophoto.models.vocabulary import Verdict
from tests.console.pages.acting import as_viewer, choose, is_left, press


def test_decisions_by_keys_and_their_undoing(site, visit):
    page = visit("moderator", "review")
    page.wait_for_selector(".item")
    # One decision serves the two uploads of the same bytes.
    is_left(page, 4)
    assert page.inner_text(".members").startswith("One decision serves 2 uploads")
    assert press(page, "c") == "Decided 2: placeholder."
    is_left(page, 2)
    first = page.get_attribute(".item", "data-digest")
    press(page, "s")
    page.wait_for_selector(f".item:not([data-digest='{first}'])")
    page.wait_for_selector(".review-head:has-text('1 skipped')")
    page.click("text=show them again")
    page.wait_for_selector(f".item[data-digest='{first}']")
    assert press(page, "o") == "Decided 1: real."
    assert site.rows()["third.webp"].reviewed == Verdict.REAL
    assert press(page, "c") == "Decided 1: placeholder."
    page.wait_for_selector("#review:has-text('Nothing waits')")
    assert press(page, "u") == "Taken back: 1."
    assert press(page, "u") == "Taken back: 1."
    page.click("text=Last decisions")
    page.click("[data-act=take-back] >> nth=0")
    is_left(page, 4)
    rows = site.rows()
    assert {rows[name].reviewed for name in ("tile.webp", "same.webp", "other.webp")} == {None}
    with site.database.reading() as session:
        said = session.scalars(select(Review.reviewer).distinct()).all()
        undone = session.scalars(select(Review.undone_by).where(Review.undone_by != "")).all()
    assert said == ["moderator"]
    assert undone == ["moderator"] * 4


def test_what_somebody_else_just_decided_is_told(site, visit):
    page = visit("moderator", "review")
    page.wait_for_selector(".item")
    digest = page.get_attribute(".item", "data-digest")
    with site.database.reading() as session:
        ids = session.scalars(select(Upload.id).where(Upload.digest == digest)).all()
    theirs = decide(site.database, ids, Verdict.REAL, "bob")
    assert press(page, "c") == f"bob had just decided {len(ids)}: real."
    with site.database.transaction() as session:
        reviews.undo(session, [made.review_id for made in theirs.made], "bob")


def test_filters_narrow_the_queue(site, visit):
    page = visit("moderator", "review")
    page.wait_for_selector(".item")
    page.get_by_label("Key begins with").fill("other")
    page.keyboard.press("Enter")
    is_left(page, 1)
    assert page.inner_text(".item .key") == "other.webp"
    page.get_by_label("Key begins with").fill("")
    row = site.rows()["third.webp"]
    page.get_by_label("Nearest reference, no.").fill(f"#{row.nearest_reference_id}")
    page.keyboard.press("Enter")
    page.wait_for_selector(".item .key:text-is('third.webp')")
    is_left(page, 1)


def test_keys_decide_after_a_filter_was_used(site, visit):
    page = visit("moderator", "review")
    page.wait_for_selector(".item")
    page.get_by_label("Group nearly equal ones").click()
    choose(page, "Network says", "placeholder")
    choose(page, "First", "most doubtful")
    page.get_by_label("Key begins with").fill("o")
    page.keyboard.press("Enter")
    is_left(page, 1)
    # Each filter has asked, and whichever answer comes last is for the same filters.
    page.wait_for_selector(".item .key:text-is('other.webp')")
    assert press(page, "c") == "Decided 1: placeholder."
    assert press(page, "u") == "Taken back: 1."
    page.wait_for_selector(".item")
    # What is written into a filter is no decision.
    page.get_by_label("Key begins with").fill("")
    page.get_by_label("Key begins with").press_sequentially("cosu")
    page.keyboard.press("Enter")
    is_left(page, 0)
    assert not any(row.reviewed for row in site.rows().values() if row.key != "cat.jpg")


def test_a_role_is_asked_of_the_server_for_every_action(site, visit):
    page = visit("viewer", "review")
    page.wait_for_selector(".item")
    assert page.locator("[data-act=decide]").count() == 0
    page = visit("moderator", "review")
    page.wait_for_selector("[data-key=c]")
    with as_viewer(site, "moderator"):
        page.keyboard.press("c")
        page.wait_for_selector("text=You may not do this")
        assert not any(row.reviewed for row in site.rows().values() if row.key != "cat.jpg")


def test_an_ended_session_leads_to_the_login(site, visit):
    page = visit("moderator", "review")
    page.wait_for_selector("[data-key=c]")
    page.context.clear_cookies()
    page.keyboard.press("c")
    page.wait_for_url("**/login?expired=1**")
    assert "session has ended" in page.inner_text("[role=alert]")
