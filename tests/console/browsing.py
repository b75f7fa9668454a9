"""Pages of a real browser that are opened once and used by one test after the other.

A page in a window of its own compiles the console's scripts again, which takes seconds of processor
time; one that is led to another address does not.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, BrowserContext, Page

from nophoto.console.auth.sessions import COOKIE
from tests.console.serving import PASSWORD

TIMEOUT_MS = 60_000
"""Milliseconds: where all cores are busy, a first page takes half a minute."""


@dataclass
class Window:
    """A window in which somebody was logged in, with its one page."""

    context: BrowserContext
    page: Page

    def leave(self) -> None:
        """Keep the login alone, as a new window of this person would have it."""
        self.page.evaluate("localStorage.clear(); sessionStorage.clear()")
        self.page.goto("about:blank")  # what asks the server every few seconds ends
        cookies = [each for each in self.context.cookies() if each["name"] == COOKIE]
        self.context.clear_cookies()
        self.context.add_cookies(cookies)


class Windows:
    """The windows of a console: each person has some, of each sort that tests asked for."""

    def __init__(self, browser: Browser, url: str) -> None:
        self._browser, self._url = browser, url
        self._free: dict[str, list[Window]] = {}
        self._used: list[tuple[str, Window]] = []

    def visit(self, name: str, path: str = "", **options: object) -> Page:
        """Open a page as somebody, in a window that nobody else uses."""
        options = {"viewport": {"width": 1400, "height": 900}, "locale": "en-GB"} | options
        sort = f"{name} {sorted(options.items())}"
        free = self._free.setdefault(sort, [])
        window = free.pop() if free else self._open(options)
        self._used.append((sort, window))
        page = window.page
        page.goto(f"{self._url}/en/{path}")
        if page.locator("input[name=password]").count():
            page.fill("input[name=name]", name)
            page.fill("input[name=password]", PASSWORD)
            page.click("button[type=submit]")
        page.wait_for_selector(".bar .who")
        return page

    def _open(self, options: dict[str, object]) -> Window:
        context = self._browser.new_context(**options)  # type: ignore[arg-type]
        page = context.new_page()
        page.set_default_timeout(TIMEOUT_MS)
        return Window(context, page)

    def leave(self) -> None:
        """Make the windows of a test free for the next one."""
        for sort, window in self._used:
            window.leave()
            self._free[sort].append(window)
        self._used.clear()

    def close(self) -> None:
        for _, window in self._used:
            window.context.close()
        for free in self._free.values():
            for window in free:
                window.context.close()


@contextmanager
def windows(browser: Browser, url: str) -> Iterator[Windows]:
    """The windows of the console at `url`, closed in the end."""
    opened = Windows(browser, url)
    try:
        yield opened
    finally:
        opened.close()
