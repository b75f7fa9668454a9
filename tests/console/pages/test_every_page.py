"""What every page does: it fits its window, speaks Russian, names no path, tells of outages."""

import pytest

from tests.console.pages.acting import PAGES, READY, is_left, own_worker, press


def test_every_page_fits_its_window_in_light_and_dark(site, visit):
    page = visit("engineer", viewport={"width": 390, "height": 800}, color_scheme="light")
    for path in PAGES:
        page.goto(f"{site.url}/en/{path}")
        page.wait_for_selector(READY)
        # Each page is loaded once, which takes a second.
        for scheme, width in (("light", 390), ("light", 1400), ("dark", 1400), ("dark", 390)):
            page.set_viewport_size({"width": width, "height": 800})
            page.emulate_media(color_scheme=scheme)
            page.wait_for_timeout(300)
            where = (path, scheme, width)
            wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert wide <= 0, where
            cut = page.evaluate(
                "[...document.querySelectorAll('.card img, .card button, .gauge, .tile')]"
                ".filter(e => !e.closest('.strip, .scroll'))"
                ".filter(e => e.getBoundingClientRect().right > window.innerWidth).length"
            )
            assert cut == 0, where
            ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
            is_dark = sum(map(int, ground.strip("rgba()").split(",")[:3])) < 200
            assert is_dark == (scheme == "dark"), where
        page.emulate_media(color_scheme="light")


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_phone_shows_the_picture_and_the_decisions_at_once(site, visit, language):
    page = visit("moderator", viewport={"width": 390, "height": 844})
    page.goto(f"{site.url}/{language}/review")
    for part in (".item .main img >> nth=0", ".verdict", "[data-key=c]", "[data-key=o]"):
        page.wait_for_selector(part)
        box = page.locator(part).bounding_box()
        assert box["y"] >= 0, part
        assert box["y"] + box["height"] <= 844, part
        assert box["x"] + box["width"] <= 390, part
    # And nothing lies over them.
    page.click("[data-key=s]", timeout=20_000)
    page.wait_for_function("window.scrollTo(0, document.body.scrollHeight) || true")
    last = page.locator(".item").bounding_box()
    assert last["y"] + last["height"] <= page.locator(".keys").bounding_box()["y"]
    filters = page.locator("#filters")
    assert not filters.is_visible()
    page.click("#fold summary")
    filters.wait_for()
    page.click("[data-key=s]")
    is_left(page, 4)
    assert filters.is_visible()


def test_the_pages_speak_russian(site, visit):
    page = visit("moderator", "review")
    page.click("text=Русский")
    page.wait_for_url("**/ru/review")
    page.wait_for_selector("text=Подтвердить")
    page.goto(site.url)
    page.wait_for_url("**/ru/review")
    page.goto(f"{site.url}/ru/review")
    page.wait_for_selector("[data-key=s]")
    # Where an English keyboard has its S, a Russian one has an Ы.
    page.evaluate(
        "document.body.dispatchEvent("
        "new KeyboardEvent('keydown', {key: 'ы', code: 'KeyS', bubbles: true}))"
    )
    page.wait_for_selector("text=пропущено: 1")
    assert page.get_attribute("html", "lang") == "ru"
    page.goto(f"{site.url}/ru/queue")
    page.click("text=Примеры ошибок")
    example = page.locator("[data-examples=unreadable]")
    example.wait_for()
    assert "Это не картинка" in example.inner_text()
    assert "массовые" in own_worker(page).inner_text()


def test_no_page_and_no_picture_names_a_path(site, visit):
    page = visit("viewer", "review")
    page.wait_for_selector(".item img")
    assert str(site.pictures) not in page.content()
    response = page.request.get(f"{site.url}/en/gradio_api/file={site.pictures / 'cat.jpg'}")
    assert response.status in (403, 404)
    response = page.request.get(f"{site.url}/pictures/upload/{site.rows()['cat.jpg'].id}")
    assert (response.status, response.headers["content-type"]) == (200, "image/webp")
    assert (
        page.request.get(f"{site.url}/pictures/upload/99999999")
        .headers["content-type"]
        .startswith("image/svg")
    )


def test_a_broker_or_a_database_that_is_away_is_told_in_a_banner(site, visit):
    page = visit("moderator", "review")
    page.wait_for_selector("[data-key=c]")
    site.valkey.kill()
    page.reload()
    page.wait_for_selector(".banner:has-text('broker')")
    page.wait_for_selector("[data-key=s]")
    press(page, "s")
    site.valkey.start()
    site.postgres.kill()
    page.keyboard.press("c")
    page.wait_for_selector("text=does not answer")
    page.wait_for_selector(".banner:has-text('database')")
    site.postgres.start()
    page.wait_for_selector(".banner", state="detached")
    page.reload()
    page.wait_for_selector("[data-key=c]")
