"""The page Judge in a real browser against a real system: dropped pictures, pairs, paths."""

from io import BytesIO
from pathlib import Path
from zlib import crc32

from PIL import Image

from nophoto.jobs.curation.reviews import decide
from nophoto.models.records import references
from nophoto.models.vocabulary import Verdict
from tests.console.pages.acting import drop


def test_a_dropped_picture_is_judged_beside_its_nearest_references(site, visit):
    page = visit("viewer")
    drop(page, site.pictures / "tile.webp")
    page.wait_for_selector(".tried .nearest")
    assert page.inner_text(".tried .verdict .badge >> nth=0") == "placeholder"
    assert page.locator(".tried .verdict .kind").count() == 1
    assert page.locator(".tried .nearest").count() == 5
    assert page.inner_text(".tried .nearest b >> nth=0") == "1.000"
    assert "judged in" in page.inner_text(".tried .facts")
    assert page.locator("[data-act=ask]").count() == 0
    assert page.evaluate("document.querySelector('.tried figure img').naturalWidth") > 100
    # What was dropped is not kept.
    drop(page, site.pictures / "cat.jpg")
    page.wait_for_selector(".tried[data-name='cat.jpg']")
    assert page.inner_text(".tried .verdict") == "real"


def test_two_pictures_are_compared_with_each_other(site, visit):
    page = visit("viewer")
    drop(page, site.pictures / "tile.webp", site.pictures / "cat.jpg")
    page.wait_for_selector(".matrix")
    cells = page.locator(".matrix td").all_inner_texts()
    assert cells[0] == cells[3] == "1.000"
    assert cells[1] == cells[2]
    assert float(cells[1].replace("−", "-")) < 0.5


def test_a_path_below_the_roots_is_judged_and_no_other(site, visit):
    page = visit("viewer")
    page.get_by_label("Or a path").fill(str(site.pictures / "cat.jpg"))
    page.click("#judge")
    page.wait_for_selector(".tried[data-name='cat.jpg'] .verdict")
    page.get_by_label("Or a path").fill("/etc/passwd")
    page.click("#judge")
    page.wait_for_selector(".tried .badge.failure")
    assert page.inner_text(".tried .badge.failure") == "forbidden"
    assert "outside the allowed roots" in page.inner_text(".tried .reason")


def _odd(folder: Path) -> dict[str, str]:
    """Odd files and what is said of each."""
    picture = BytesIO()
    Image.new("RGB", (64, 64)).save(picture, "PNG")
    whole = picture.getvalue()
    bomb = bytearray(whole)
    bomb[16:24] = (50_000).to_bytes(4, "big") * 2
    bomb[29:33] = crc32(bomb[12:29]).to_bytes(4, "big")
    files = {
        "empty.jpg": (b"", "unreadable"),
        "words.txt": (b"just words", "unreadable"),
        "cut.png": (whole[: len(whole) // 2], "unreadable"),
        "vector.svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unsupported"),
        "bomb.png": (bytes(bomb), "too large"),
        "<img src=x onerror=alert(1)>.png": (b"\x00" * 100, "unreadable"),
    }
    for name, (content, _) in files.items():
        (folder / name).write_bytes(content)
    return {name: said for name, (_, said) in files.items()}


def test_odd_files_are_told_of_in_a_sentence_each(site, visit, tmp_path):
    page = visit("moderator")
    alerts = []
    page.on("dialog", lambda dialog: alerts.append(dialog.message) or dialog.dismiss())
    expected = _odd(tmp_path)
    drop(page, *[tmp_path / name for name in expected])
    page.wait_for_selector(".tried .badge.failure")
    assert page.locator(".tried .badge").all_inner_texts() == list(expected.values())
    assert "Traceback" not in page.content()
    assert alerts == []


def test_a_reference_is_added_after_its_warnings_were_shown(site, visit):
    page = visit("moderator")
    drop(page, site.pictures / "cat.jpg")
    page.click("[data-act=ask]")
    page.wait_for_selector(".ask")
    assert "No problems found" in page.inner_text(".ask")
    page.click("[data-act=leave]")
    page.wait_for_selector(".ask", state="detached")
    ids = [site.rows()["cat.jpg"].id]
    with site.database.reading() as session:
        before = len(references.active(session).members)
    decide(site.database, ids, Verdict.REAL, "moderator")
    page.click("[data-act=ask]")
    page.wait_for_selector(".ask")
    # The upload has the very bytes, and would become a placeholder.
    assert "1 upload that stands as real is a changed copy" in page.inner_text(".ask")
    page.click("[data-act=add]")
    page.wait_for_selector("text=Workers follow")
    with site.database.reading() as session:
        added = references.active(session).members[-1]
        assert len(references.active(session).members) == before + 1
    with site.database.transaction() as session:
        assert added.name == "cat.jpg"
        references.retire(session, [added.id])
