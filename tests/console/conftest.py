"""A whole system for the pages: PostgreSQL, Valkey, a worker, the console, and a real browser.

Tests of the files that tests/plan.py has run together share one system, or one console alone.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any, TypeVar

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from skimage import data

from benchmarks.environment import environment_of
from nophoto.jobs.operations.upgrade import upgrade_database
from nophoto.jobs.operations.users import add_user
from nophoto.jobs.uploads.enqueue import enqueue
from nophoto.migrations import upgrade
from nophoto.models.records import references
from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle.uploads import NewUpload
from nophoto.models.records.outcomes.results import ResultRow
from nophoto.models.records.references import NewReference
from nophoto.models.records.tables import Lane, ReferenceOrigin, Role, UploadState
from nophoto.models.vision.matching import kind_of_drawing
from nophoto.models.vision.references import shipped_references
from nophoto.worker.broker.app import create_app
from nophoto.worker.settings import Settings
from tests import plan
from tests.console.browsing import Windows
from tests.console.browsing import windows as opened_windows
from tests.console.serving import PASSWORD, Served, serving
from tests.faults.servers import Postgres, Valkey
from tests.rows import rows_of

CHROMIUM = next(
    filter(
        None,
        map(
            shutil.which,
            ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"),
        ),
    ),
    None,
)
"""The first draws no window that nobody looks at: it takes a third less processor time."""

T = TypeVar("T")


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
        return rows_of(self.database)

    def enqueue(self, *names: str) -> None:
        """Have pictures judged, under their names as keys, and wait for it."""
        uploads = [NewUpload(name, str(self.pictures / name)) for name in names]
        enqueue(self.database, create_app(self.settings), uploads, Lane.INTERACTIVE, chunk_size=16)
        done = (UploadState.JUDGED, UploadState.FAILED)
        until(lambda: all(self.rows()[name].state in done for name in names))


def until(condition: Callable[[], object], seconds: float = 60) -> None:
    deadline = monotonic() + seconds
    while not condition():
        assert monotonic() < deadline, "it did not come about"
        sleep(0.05)


@contextmanager
def running_site() -> Iterator[Site]:
    """A system, with a user of each role and a few judged uploads."""
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
        sweep_seconds=4,
        # What is drawn would turn up between the items that tests decide.
        spot_check_flagged_share=0,
        spot_check_share=0,
    )
    upgrade(postgres.url)
    database = Database(postgres.url)
    _add_references(database)
    upgrade_database(settings)
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
        until(lambda: _answers(f"{site.url}/health"), 150)
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


_open = ExitStack()
_shared: dict[Callable[..., object], Any] = {}
"""By what opens it, what runs for the files that run together, from the first that asks to the
last one's end."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(
    item: pytest.Item, nextitem: pytest.Item | None
) -> Generator[None, None, None]:
    """End what is shared after the last file that shares it: it would work on beside others."""
    yield
    if nextitem is None or _names(nextitem) != _names(item):
        _shared.clear()
        _open.close()


def _names(item: pytest.Item) -> tuple[str, ...]:
    return plan.together(item.path.relative_to(plan.ROOT).as_posix())


def _share(make: Callable[..., AbstractContextManager[T]], *arguments: Any) -> T:
    """What `make` opens, for all files that run together."""
    if make not in _shared:
        _shared[make] = _open.enter_context(make(*arguments))
    shared: T = _shared[make]
    return shared


@pytest.fixture(scope="module")
def site() -> Site:
    """The system that files share."""
    return _share(running_site)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Served:
    """The console alone that files share, with a user of each role."""
    return _share(_console_alone, tmp_path_factory)


@contextmanager
def _console_alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    (folder / "pictures").mkdir()
    with serving(
        folder,
        roots=(str(folder / "pictures"),),
        max_bytes=1_000_000,
        link_template="https://shop.example/item?key={key}&seller={seller}",
    ) as served:
        yield served


@pytest.fixture(scope="module")
def browser() -> Browser:
    """The browser that files share."""
    if CHROMIUM is None:
        pytest.skip("THE PAGES ARE NOT TESTED: there is no Chromium here, see the Makefile")
    return _share(_chromium, CHROMIUM)


@contextmanager
def _chromium(program: str) -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def windows(site: Site, browser: Browser) -> Windows:
    """The windows of the site's users."""
    return _share(opened_windows, browser, site.url)


@pytest.fixture
def visit(windows: Windows) -> Iterator[Callable[..., Page]]:
    """Opens a page as somebody, in a window that no other visit of the test has."""
    yield windows.visit
    windows.leave()


def _add_references(database: Database) -> None:
    """Every fifth of those that ship: each version that is promoted has to embed them all."""
    with database.transaction() as session:
        few = [
            NewReference(
                reference.name,
                reference.data,
                ReferenceOrigin.SHIPPED,
                kind=kind_of_drawing(reference.kind),
            )
            for reference in shipped_references()[::5]
        ]
        references.add(session, few)


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
