"""A console of its own, and a browser before it."""

import os
import shutil
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic, sleep

from playwright.sync_api import Browser, sync_playwright

from benchmarks.environment import environment_of
from benchmarks.installation import Installation
from nophoto.jobs.operations.users import add_user
from nophoto.models.errors import NophotoError
from nophoto.models.records.tables import Role

PASSWORD = "a password of the benchmark"
USER = "moderator"

_TIMEOUT = 120.0
"""Seconds in which the console starts."""


class SiteError(NophotoError):
    """The console or the browser does not start."""


@dataclass(frozen=True, slots=True)
class Console:
    """A console that answers.

    Attributes:
        url: of it.
        process: that serves it.
    """

    url: str
    process: "subprocess.Popen[bytes]"


@contextmanager
def run_console(installation: Installation, role: Role) -> Iterator[Console]:
    """A console with one user of `role` over the database of `installation`."""
    add_user(installation.database, USER, PASSWORD, role)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    log = installation.folder / "console.log"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [sys.executable, "-m", "nophoto.jobs.cli", "console", "--login", "--port", str(port)],
            env=os.environ | environment_of(installation.settings),
            cwd=installation.folder,
            stdout=output,
            stderr=output,
        ) as process,
    ):
        try:
            deadline = monotonic() + _TIMEOUT
            while not _answers(f"{url}/health"):
                if process.poll() is not None or monotonic() > deadline:
                    raise SiteError(f"the console does not answer; it said:\n{log.read_text()}")
                sleep(0.1)
            yield Console(url, process)
        finally:
            process.terminate()


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Chromium, headless.

    Raises:
        SiteError: if it is not installed.
    """
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        raise SiteError("there is no Chromium here. Run `apt install chromium`")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return int(response.status) == 200
    except OSError:
        return False
