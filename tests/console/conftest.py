"""A whole system for the pages: PostgreSQL, Valkey, a worker, the console, and a real browser."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from skimage import data

from benchmarks.environment import environment_of
from nophoto.jobs.operations.upgrade import upgrade_database
from nophoto.jobs.operations.users import add_user
from nophoto.jobs.uploads.enqueue import enqueue
from nophoto.models.records import results
from nophoto.models.records.database import Database
from nophoto.models.records.results import ResultRow
from nophoto.models.records.tables import Lane, Role, UploadState
from nophoto.models.records.uploads import NewUpload
from nophoto.models.vision.references import shipped_references
from nophoto.worker.broker.app import create_app
from nophoto.worker.settings import Settings
from tests.console.serving import Served, serving
from tests.faults.servers import Postgres, Valkey

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
PASSWORD = "correct horse battery"


@dataclass
class Site:
    """A running system and its parts."""

    url: str
    database: Database
    settings: Settings
    pictures: Path
    postgres: Postgres
    valkey: Valkey

    def rows(self) -> dict[str, ResultRow]:
        """Every upload by its key."""
        with self.database.reading() as session:
            return {row.key: row for row in results.find(session)}

    def enqueue(self, *names: str) -> None:
        """Have pictures judged, under their names as keys, and wait for it."""
        uploads = [NewUpload(name, str(self.pictures / name)) for name in names]
        enqueue(self.database, create_app(self.settings), uploads, Lane.INTERACTIVE, chunk_size=16)
        done = (UploadState.JUDGED, UploadState.FAILED)
        until(lambda: all(self.rows()[name].state in done for name in names), 60)


def until(condition: Callable[[], object], seconds: float = 20) -> None:
    deadline = monotonic() + seconds
    while not condition():
        assert monotonic() < deadline, "it did not come about"
        sleep(0.05)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """The system, with a user of each role and a few judged uploads."""
    folder = Path(tempfile.mkdtemp(prefix="nophoto-console-test-"))
    pictures = folder / "pictures"
    pictures.mkdir()
    _draw(pictures)
    postgres, valkey = Postgres(folder), Valkey(folder)
    settings = Settings(
        _env_file=None,
        home=folder / "home",
        database_url=postgres.url,
        broker_url=f"redis://127.0.0.1:{valkey.port}/0",
        roots=(str(pictures),),
        sweep_seconds=1,
        # What is drawn would turn up between the items that tests decide.
        spot_check_flagged_share=0,
        spot_check_share=0,
    )
    upgrade_database(settings)
    database = Database(postgres.url)
    for role in Role:
        add_user(database, role.value, PASSWORD, role)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    programs = [
        _start(folder, settings, "worker"),
        _start(folder, settings, "console", "--login", "--port", str(port)),
    ]
    site = Site(f"http://127.0.0.1:{port}", database, settings, pictures, postgres, valkey)
    try:
        until(lambda: _answers(f"{site.url}/health"), 60)
        site.enqueue("tile.webp", "same.webp", "other.webp", "third.webp", "cat.jpg", "broken.jpg")
        yield site
    finally:
        for program in programs:
            program.terminate()
        for program in programs:
            program.wait(60)
        database.close()
        valkey.stop()
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A console alone, with a user of each role."""
    folder = tmp_path_factory.mktemp("served")
    (folder / "pictures").mkdir()
    with serving(folder, roots=(str(folder / "pictures"),), max_bytes=1_000_000) as served:
        yield served


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    if CHROMIUM is None:
        pytest.skip("THE PAGES ARE NOT TESTED: there is no chromium here (apt install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture
def visit(site: Site, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Logs a role in, in a browser of its own, and opens a page."""
    contexts = []

    def visit(role: str, path: str = "", **options: object) -> Page:
        context = browser.new_context(
            **{"viewport": {"width": 1400, "height": 900}, "locale": "en-GB"} | options
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(45_000)
        page.goto(f"{site.url}/login?next=/en/{path}")
        page.fill("input[name=name]", role)
        page.fill("input[name=password]", PASSWORD)
        page.click("button[type=submit]")
        page.wait_for_selector(".bar .who")
        return page

    yield visit
    for context in contexts:
        context.close()


def _draw(folder: Path) -> None:
    shipped = shipped_references()
    for name, place in (
        ("tile.webp", 0),
        ("same.webp", 0),
        ("other.webp", 100),
        ("third.webp", 200),
    ):
        (folder / name).write_bytes(shipped[place].data)
    Image.fromarray(data.chelsea()).save(folder / "cat.jpg")
    (folder / "broken.jpg").write_bytes(b"no picture at all")


def _start(folder: Path, settings: Settings, *arguments: str) -> subprocess.Popen[bytes]:
    with (folder / f"{arguments[0]}.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "nophoto.jobs.cli", *arguments],
            env={**os.environ, **environment_of(settings)},
            stdout=log,
            stderr=log,
        )


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return response.status == 200
    except OSError:
        return False
