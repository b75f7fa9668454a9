"""What one does on a page, and waits for."""

from contextlib import contextmanager

from nophoto.models.records.access import users
from nophoto.models.records.tables import Role
from nophoto.models.vision.versions import shipped_version

PAGES = ("", "review", "references", "allowed", "queue", "models", "quality", "discover")
READY = "#drop, .item, .empty, section.reference, .tiles, .version, #discover .hint"
"""One of these is there when a page shows what it has."""


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


def own_worker(page):
    """The row of the site's own worker, which judges by the active version."""
    row = page.locator("#workers tr", has_text=shipped_version().id).first
    row.wait_for()
    return row


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
