"""A console of one process on SQLite, served over a real socket, whose clock the test turns."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from time import monotonic, sleep

import httpx
import uvicorn

from nophoto.jobs.operations.upgrade import upgrade_database
from nophoto.jobs.operations.users import add_user
from nophoto.models.records.access import users
from nophoto.models.records.database import Database
from nophoto.models.records.tables import Role
from nophoto.worker.settings import Settings

PASSWORD = "correct horse battery"


class Clock:
    """The real clock, and what a test adds to it."""

    def __init__(self) -> None:
        self.added = 0.0

    def __call__(self) -> float:
        return monotonic() + self.added


@dataclass
class Served:
    """A console that answers, and its parts."""

    url: str
    database: Database
    settings: Settings
    clock: Clock
    uploads: Path

    def names(self) -> list[str]:
        """Who may log in."""
        with self.database.reading() as session:
            return [user.name for user in users.list_all(session)]

    def visitor(self, **options: object) -> httpx.Client:
        """A browser without a page."""
        return httpx.Client(base_url=self.url, timeout=60, **options)

    @contextmanager
    def log_in(self, name: str, password: str = PASSWORD) -> Iterator[httpx.Client]:
        """A browser of somebody who is logged in."""
        with self.visitor() as visitor:
            answer = visitor.post("/login", data={"name": name, "password": password})
            assert answer.status_code == 303, answer.text
            yield visitor


def _install(settings: Settings) -> None:
    """Make the tables, and a user of each role."""
    upgrade_database(settings)
    database = Database(settings.effective_database_url)
    for role in Role:
        add_user(database, role.value, PASSWORD, role)
    database.close()


@cache
def _installed() -> bytes:
    """Such a database in a file, to copy: to make one takes a second."""
    with TemporaryDirectory() as folder:
        _install(Settings(_env_file=None, home=folder))
        return Path(folder, "nophoto.db").read_bytes()


@contextmanager
def serving(folder: Path, **settings: object) -> Iterator[Served]:
    """Serve a console with a user of each role, named as it."""
    # Gradio looks there with each upload, and so may the console of another file.
    before = os.environ.get("GRADIO_TEMP_DIR")
    os.environ["GRADIO_TEMP_DIR"] = str(folder / "uploads")
    chosen = Settings(_env_file=None, home=folder / "home", **settings)
    if chosen.is_database_embedded:
        chosen.home_folder.mkdir()
        (chosen.home_folder / "nophoto.db").write_bytes(_installed())
    else:
        _install(chosen)
    database = Database(chosen.effective_database_url)
    clock = Clock()
    # Here: Gradio takes seconds, which processes that serve no console are spared.
    from nophoto.console.server import create_console

    app = create_console(chosen, login=True, now=clock)
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        server = uvicorn.Server(
            uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
        )
        thread = Thread(target=server.run, args=([bound],))
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive()
                sleep(0.02)
            url = f"http://127.0.0.1:{bound.getsockname()[1]}"
            yield Served(url, database, chosen, clock, folder / "uploads")
        finally:
            server.should_exit = True
            thread.join()
            database.close()
            os.environ.pop("GRADIO_TEMP_DIR", None)
            if before is not None:
                os.environ["GRADIO_TEMP_DIR"] = before
