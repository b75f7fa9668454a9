"""The pages in a real browser against a real system."""

import shutil
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from zlib import crc32

import pytest
from PIL import Image
from sqlalchemy import select, update

from nophoto.jobs.curation.reviews import decide
from nophoto.jobs.versions.promotion import import_version
from nophoto.models.records import clock, references, runs
from nophoto.models.records.access import users
from nophoto.models.records.matching import allow_list
from nophoto.models.records.matching.allow_list import NewAllowedPicture
from nophoto.models.records.rescoring import RescoreParameters
from nophoto.models.records.review import reviews
from nophoto.models.records.scoring import workers
from nophoto.models.records.scoring.workers import Presence
from nophoto.models.records.tables import Review, Role, Run, RunKind, RunState, Upload, Worker
from nophoto.models.records.versions import promotions
from nophoto.models.vision.versions import shipped_version, write_held_out, write_manifest
from nophoto.models.vocabulary import FailureCode, Verdict
from tests.console.conftest import until

PAGES = ("", "review", "references", "allowed", "queue", "models", "quality", "discover")


def settle(page) -> None:
    """Wait until the page shows what it was told: what is put in before that may be emptied."""
    page.evaluate("new Promise(then => requestAnimationFrame(() => requestAnimationFrame(then)))")


def drop(page, *files):
    settle(page)
    page.set_input_files("#drop input[type=file]", [*files])


def drop_one(page, file):
    """Drop a file and wait until the page has it.

    Gradio shows the name in two parts with a space between; in one piece only its label has it.
    """
    drop(page, file)
    page.wait_for_selector(f"#drop [aria-label='{file.name}']")


def said(page, words: str) -> None:
    """Wait until the page says so."""
    page.wait_for_selector(f"#message:has-text('{words}')")


def is_left(page, count: int) -> None:
    """Wait until the review page counts so many; that comes after what it shows."""
    page.wait_for_selector(f"#left:text-is('{count}')")


def unfold(page, title: str, last) -> None:
    """Open what is folded away, whose `last` part is given, and wait until it may be filled in.

    Gradio makes the parts when they are first shown, and gives them their first values a frame
    later: what was written before is emptied. Only a program writes as soon as that.
    """
    page.click(f"text={title}")
    last.wait_for()
    settle(page)


def choose(page, label: str, option: str) -> None:
    """Choose from a list of the page."""
    page.get_by_label(label).click()
    page.click(f"[role=option]:has-text('{option}')")


@contextmanager
def as_viewer(site, name: str):
    """Somebody whose page stands loses their role."""
    with site.database.transaction() as session:
        users.change(session, name, role=Role.VIEWER)
    try:
        yield
    finally:
        with site.database.transaction() as session:
            users.change(session, name, role=Role(name))


def press(page, key: str) -> str:
    """Press a key of the review page, and return what it says then."""
    before = page.get_attribute("#message", "data-made")
    page.keyboard.press(key)
    page.wait_for_selector(f"#message:not([data-made='{before}'])")
    return page.inner_text("#message")


def test_a_wrong_password_says_so_and_a_right_one_leads_on(site, browser, visit):
    page = browser.new_context(locale="en-GB").new_page()
    page.goto(f"{site.url}/en/review")
    assert page.url == f"{site.url}/login?next=/en/review"
    page.fill("input[name=name]", "moderator")
    page.fill("input[name=password]", "wrong password")
    page.click("button[type=submit]")
    page.wait_for_selector("[role=alert]:text-is('Name or password is wrong.')")
    page = visit("moderator", "review")
    assert page.url == f"{site.url}/en/review"
    assert page.inner_text(".who") == "moderator · moderator"
    page.click("text=Log out")
    page.wait_for_url("**/login")
    page.goto(f"{site.url}/en/queue")
    assert "/login" in page.url


def test_a_page_that_lost_a_part_on_its_way_loads_again_by_itself(site, browser, visit):
    """As where a laptop joins another network: the browser gives up what it is loading."""
    login = visit("moderator", "review").context.cookies()
    page = browser.new_context(locale="en-GB").new_page()
    page.context.add_cookies(login)
    lost = []

    def lose_twice(route) -> None:
        # The first of the two is a hint, which may come too late without harm.
        if len(lost) < 2:
            lost.append(route.request.url)
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/assets/HTML-*.*", lose_twice)
    page.goto(f"{site.url}/en/review")
    page.wait_for_selector(".bar .who")
    assert len(lost) == 2
    page.context.close()


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
    page.get_by_label("Or a path").fill(
        str(site.pictures / "cat.jpg"),
    )
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


def test_failures_are_tried_again_and_runs_cancelled_by_engineers_alone(site, visit):
    with site.database.transaction() as session:
        run = runs.request(session, RunKind.RESCORE, {}, "engineer")
        runs.pause(session, run)  # or the worker would be done with it too soon
    page = visit("moderator", "queue")
    page.wait_for_selector("[data-code=unreadable]")
    assert page.locator("[data-act]").count() == 0
    page = visit("engineer", "queue")
    page.click("[data-act=retry][data-code=unreadable]")
    said(page, "queued again")
    until(lambda: site.rows()["broken.jpg"].failure == FailureCode.UNREADABLE)
    page.click(f"tr[data-run='{run}'] >> text=cancel")
    page.wait_for_selector(f"tr[data-run='{run}'] >> text=cancelled")
    with site.database.reading() as session:
        assert runs.get(session, run).state == RunState.CANCELLED


def test_a_run_that_asks_is_told_in_a_banner_until_it_is_answered(site, visit):
    with site.database.transaction() as session:
        run = runs.request(session, RunKind.RETRAIN, {}, "engineer")  # no worker here takes it
        token = runs.claim(session, run, 60).token
        runs.hold(session, token, {"question": "is that so?"})
    page = visit("engineer", "queue")
    page.wait_for_selector(f".banner:has-text('Run {run} has stopped with a question')")
    page.click(f"tr[data-run='{run}'] >> text=cancel")
    page.wait_for_selector(".banner", state="detached")


def test_what_was_opened_and_what_was_said_outlast_the_next_look_at_the_queue(site, visit):
    page = visit("engineer", "queue")
    page.click("text=Examples of what failed")
    example = page.locator("[data-examples=unreadable]")
    example.wait_for()
    assert "broken.jpg" in example.inner_text()
    page.click("[data-act=retry][data-code=unreadable]")
    said(page, "queued again")
    until(lambda: site.rows()["broken.jpg"].failure == FailureCode.UNREADABLE)
    with site.database.transaction() as session:
        workers.arrive(session, Presence("elsewhere", 9, ["bulk"]))
    # A look later than the last one, which knows of what is new.
    page.locator("#workers tr[data-worker='elsewhere:9']").wait_for()
    with site.database.transaction() as session:
        workers.leave(session, "elsewhere", 9)
    page.locator("#workers tr[data-worker='elsewhere:9']").wait_for(state="detached")
    assert example.is_visible()
    assert "queued again" in page.inner_text("#message")


def test_workers_tell_of_themselves(site, visit):
    with site.database.transaction() as session:
        workers.arrive(session, Presence("elsewhere", 7, ["training"], "nophoto.retrain", 90.0))
    page = visit("viewer", "queue")
    there = page.locator("#workers tr[data-worker='elsewhere:7']")
    there.wait_for()
    assert "nophoto.retrain" in there.inner_text()
    # Those of the site's own worker judge by the active version.
    own = page.locator("#workers tr", has_text=shipped_version().id).first
    own.wait_for()
    assert "bulk" in own.inner_text()
    assert own.locator(".badge.warn").count() == 0
    with site.database.transaction() as session:
        long_ago = clock.now(session) - timedelta(minutes=5)
        gone = update(Worker).where(Worker.host == "elsewhere")
        session.execute(gone.values(heard_at=long_ago))
    there.locator(r"text=/silent for 5\.\d min/").wait_for()
    with site.database.transaction() as session:
        workers.leave(session, "elsewhere", 7)
    there.wait_for(state="detached")


def rescore(site) -> int:
    """Have everything judged again, and wait until it is."""
    with site.database.transaction() as session:
        wanted = RescoreParameters(yes=True).as_dict()
        run = runs.request(session, RunKind.RESCORE, wanted, "engineer")

    def is_done() -> bool:
        with site.database.reading() as session:
            return runs.get(session, run).state == RunState.DONE

    until(is_done, 60)
    return run


def test_what_a_rescoring_changed_is_listed(site, visit):
    page = visit("viewer", "queue")
    page.wait_for_selector("#changes >> text=No rescoring has come to anything yet")
    with site.database.transaction() as session:
        members = [member.id for member in references.active(session).members]
        references.quarantine(session, members)
    first = rescore(site)
    with site.database.transaction() as session:
        references.restore(session, members)
    try:
        # The page that stands there learns of it.
        page.wait_for_selector(f"#changes [data-chosen='{first}']")
        change = page.locator(f".change[data-upload='{site.rows()['other.webp'].id}']")
        badges = change.locator(".badge").all_inner_texts()
        assert badges[:2] == ["placeholder", "real"]
        assert "is in quarantine. Restore or retire it on the page" in change.inner_text()
        assert "score" in change.inner_text()
        assert page.locator(".change").count() == 4
    finally:
        second = rescore(site)
    page.wait_for_selector(f"#changes [data-chosen='{second}']")
    assert change.locator(".badge").all_inner_texts()[:2] == ["real", "placeholder"]
    page.click(f"#changes [data-act=run][data-id='{first}']")
    page.wait_for_selector(f"#changes [data-chosen='{first}']")
    # What was said since is another verdict than that run's.
    assert "not written" in change.inner_text()


def _another_version(site, folder: Path, wrong: dict[str, float] | None = None) -> str:
    """A version with the network of the shipped one, known but not active.

    Of real pictures it is `wrong` about those of these digests.
    """
    shipped = shipped_version()
    shutil.copytree(shipped.folder, folder)
    (folder / "manifest.json").unlink()
    fields = shipped.manifest.model_dump(exclude={"id", "files"})
    found = {f"{n:064x}": 0.9 - n / 1000 for n in range(30)}
    real = dict.fromkeys(found, -0.5) | (wrong or {})
    write_held_out(folder, {Verdict.PLACEHOLDER: found, Verdict.REAL: real})
    version = write_manifest(folder, "mistaken" if wrong else "other", **fields)
    import_version(site.database, site.settings, version.folder)
    return version.id


def test_versions_are_compared_promoted_through_the_gate_and_rolled_back(site, visit, tmp_path):
    other = _another_version(site, tmp_path / "version")
    shipped = shipped_version().id
    page = visit("moderator", "models")
    page.wait_for_selector(".version")
    assert page.locator("[data-act=promote]").count() == 0
    for title in ("Overrule the gate", "Train a new version"):
        assert not page.locator(f"text={title}").is_visible()
    page = visit("engineer", "models")
    page.click(f".version[data-id='{other}'] [data-act=show]")
    page.wait_for_selector(f"[data-version='{other}'] svg")
    assert page.locator("[data-version] svg").count() >= 2
    page.click("#compare button")
    page.wait_for_selector(f"#compared >> text={shipped} → {other}")
    page.click(f"#models [data-act=promote][data-id='{other}']")
    page.click("#switching [data-act=leave]")
    page.wait_for_selector(".ask", state="detached")
    page.click(f"#models [data-act=promote][data-id='{other}']")
    page.wait_for_selector(".ask h2")
    assert page.inner_text(".ask h2") == f"Let {other} judge?"
    page.click("#switching [data-act=promote]")
    page.wait_for_selector("text=is not promoted")
    force = page.get_by_label("promote even if")
    unfold(page, "Overrule the gate", force)
    page.get_by_label("Reason", exact=True).fill("tried on the shop's pictures")
    force.check()
    page.click(f"#models [data-act=promote][data-id='{other}']")
    page.wait_for_selector(".ask .warning:has-text('overruled')")
    page.click("#switching [data-act=promote]")
    page.wait_for_selector(f"#message:has-text('{other} judges')", timeout=200_000)
    assert f"{shipped} → {other}" in page.inner_text("#said h2")
    assert "too few pictures" in page.inner_text("#said .warning")
    page.click("#models [data-act=roll-back]")
    page.click("#switching [data-act=roll-back]")
    page.wait_for_selector(f"#message:has-text('{shipped} judges')", timeout=200_000)
    with site.database.reading() as session:
        changes = promotions.history(session)
    assert [change.by for change in changes[:2]] == ["engineer", "engineer"]
    assert changes[1].forced
    assert changes[1].reason == "tried on the shop's pictures"


def _trained_here(site, version: str, files: dict[str, Path]) -> None:
    """Have a retraining that is done name the held-out files of the worst mistakes."""
    with site.database.transaction() as session:
        now = clock.now(session)
        named = {digest: str(file) for digest, file in files.items()}
        session.add(
            Run(
                kind=RunKind.RETRAIN,
                parameters={},
                state=RunState.DONE,
                result={"model_version": version, "held_out_files": named},
                created_at=now,
                finished_at=now,
            )
        )


def test_the_worst_mistakes_among_the_held_out_pictures_are_shown(site, visit, tmp_path):
    held_out, outside = site.pictures / "held-out.png", tmp_path / "outside.png"
    for colour, file in ((50, held_out), (90, outside)):
        Image.new("RGB", (64, 64), (colour, 0, 0)).save(file)
    digests = {
        name: sha256(file.read_bytes()).hexdigest()
        for name, file in (
            ("upload", site.pictures / "cat.jpg"),
            ("held-out", held_out),
            ("outside", outside),
        )
    }
    changed = "c" * 64
    wrong = {**dict(zip(digests.values(), (0.99, 0.98, 0.97), strict=True)), changed: 0.96}
    wrong["a" * 64] = 0.95
    version = _another_version(site, tmp_path / "version", wrong)
    files = {digests["held-out"]: held_out, digests["outside"]: outside, changed: held_out}
    _trained_here(site, version, files)
    page = visit("viewer", "models")
    page.click(f".version[data-id='{version}'] [data-act=show]")
    page.wait_for_selector(".mistakes figure")
    said = [text.split("\n") for text in page.locator(".mistakes figcaption").all_inner_texts()]
    assert [name for _, name in said[:5]] == [
        "cat.jpg",
        "held-out.png",
        "outside.png",
        "held-out.png",
        "a" * 12,
    ]
    assert said[0][0] == "0.990 real, taken for a placeholder"
    assert str(site.pictures) not in page.content()
    types = [
        page.request.get(site.url + image.get_attribute("src")).headers["content-type"]
        for image in page.locator(".mistakes img").all()
    ]
    # One lies outside the roots, and where another should be lies another picture by now.
    assert types == ["image/webp", "image/webp", "image/svg+xml", "image/svg+xml"]
    assert page.locator(".mistakes .unknown").count() == 1


def test_a_training_is_asked_for_and_cancelled(site, visit):
    page = visit("engineer", "models")
    unfold(page, "Train a new version", page.locator("#start-training"))
    folder = page.get_by_label("Folders of real pictures")
    folder.fill("/srv/photographs")
    page.click("#start-training")
    page.wait_for_selector("text=photographs is outside the allowed roots")
    wanted = [str(site.pictures / name) for name in ("photographs", "goods")]
    folder.fill("\n\n".join(wanted))
    page.click("#start-training")
    said(page, "is asked for")
    page.click("#trainings >> text=cancel")
    said(page, "is cancelled")
    with site.database.reading() as session:
        (run,) = runs.list_runs(session, RunKind.RETRAIN, limit=1)
    assert run.parameters["real"] == wanted
    assert run.parameters["confined"]
    assert (run.requested_by, run.state) == ("engineer", RunState.CANCELLED)


def test_every_page_fits_its_window_in_light_and_dark(site, visit):
    page = visit("engineer", viewport={"width": 390, "height": 800}, color_scheme="light")
    for path in PAGES:
        page.goto(f"{site.url}/en/{path}")
        page.wait_for_selector(
            "#drop, .item, .empty, section.reference, .tiles, .version, #discover .hint"
        )
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
    own = page.locator("#workers tr", has_text=shipped_version().id).first
    own.wait_for()
    assert "массовые" in own.inner_text()


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
