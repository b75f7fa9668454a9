"""The page Allow-list in a real browser against a real system."""

from nophoto.models.records.matching import allow_list
from nophoto.models.records.matching.allow_list import NewAllowedPicture
from tests.console.conftest import until
from tests.console.pages.acting import as_viewer, drop_one, said, unfold


def allowed(site):
    with site.database.reading() as session:
        return allow_list.active(session).members


def test_a_picture_is_put_on_the_allow_list_and_taken_off(site, visit):
    page = visit("moderator", "allowed")
    page.wait_for_selector("text=Nothing is on the list")
    alike = page.get_by_label("also what looks like")
    unfold(page, "Add a picture", alike)
    drop_one(page, site.pictures / "other.webp")
    page.click("#allow")
    page.wait_for_selector("text=Say why it is never to be flagged")
    page.get_by_label("Why; it stands").fill("our own logo")
    alike.check()
    page.click("#allow")
    said(page, "It is on the list")
    (member,) = allowed(site)
    assert (member.name, member.reason, member.look_alikes) == ("other.webp", "our own logo", True)
    card = page.locator(f".card[data-id='{member.id}']")
    assert "look-alikes too" in card.inner_text()
    page.get_by_label("Or the key of an upload").fill("tile.webp")
    page.get_by_label("Why; it stands").fill("asked for")
    page.click("#allow")
    page.wait_for_selector(".name:has-text('tile.webp')")
    for each in allowed(site):
        response = page.request.get(f"{site.url}/pictures/allowed/{each.id}")
        assert response.headers["content-type"] == "image/webp"
    for left in (1, 0):
        page.click("[data-act=remove] >> nth=0")
        until(lambda left=left: len(allowed(site)) == left)
        said(page, "is off the list")


def test_what_cannot_be_allowed_is_told_on_the_page(site, visit):
    page = visit("moderator", "allowed")
    key = page.get_by_label("Or the key of an upload")
    unfold(page, "Add a picture", page.locator("#allow"))
    page.get_by_label("Why; it stands").fill("asked for")
    page.click("#allow")
    page.wait_for_selector("text=Drop a picture, or name an upload")
    key.fill("nobody")
    page.click("#allow")
    page.wait_for_selector("text=the upload 'nobody' is not known")
    drop_one(page, site.pictures / "broken.jpg")
    page.click("#allow")
    page.wait_for_selector("text=Drop a picture or name an upload, not both")
    key.fill("")
    page.click("#allow")
    page.wait_for_selector("text=the file is not a picture, or its beginning is damaged")
    assert allowed(site) == []


def test_after_adding_the_allow_list_stays_on_its_first_page(site, visit):
    many = [NewAllowedPicture(f"{n:064x}", f"logo {n}", "ours") for n in range(60)]
    with site.database.transaction() as session:
        allow_list.add(session, many)
    try:
        page = visit("moderator", "allowed")
        page.click("#allowed [data-act=page][data-place='1']")
        page.wait_for_selector("#allowed .paging:has-text('2')")
        page.wait_for_selector(".name:text-is('logo 3')")
        key = page.get_by_label("Or the key of an upload")
        unfold(page, "Add a picture", key)
        key.fill("tile.webp")
        page.get_by_label("Why; it stands").fill("asked for")
        page.click("#allow")
        new = page.locator(".card", has_text="tile.webp")
        new.wait_for()
        new.locator("[data-act=remove]").click()
        said(page, "is off the list")
        page.wait_for_selector(".name:has-text('logo 59')")
    finally:
        with site.database.transaction() as session:
            allow_list.remove(session, [each.id for each in allow_list.active(session).members])


def test_the_allow_list_is_changed_by_moderators_alone(site, visit):
    digest = "d" * 64
    with site.database.transaction() as session:
        (member,) = allow_list.add(session, [NewAllowedPicture(digest, "logo", "ours")])
    page = visit("viewer", "allowed")
    page.wait_for_selector(f".card[data-id='{member}']")
    assert page.locator("[data-act=remove]").count() == 0
    assert not page.locator("text=Add a picture").is_visible()
    page = visit("moderator", "allowed")
    page.wait_for_selector("[data-act=remove]")
    unfold(page, "Add a picture", page.locator("#allow"))
    page.get_by_label("Why; it stands").fill("asked for")
    with as_viewer(site, "moderator"):
        for button in ("#allow", "[data-act=remove]"):
            page.click(button)
            page.wait_for_selector("text=You may not do this")
            page.click("text=You may not do this")
            page.wait_for_selector("text=You may not do this", state="detached")
    assert [each.id for each in allowed(site)] == [member]
    with site.database.transaction() as session:
        allow_list.remove(session, [member])
