"""A console behind a proxy: whose word on the visitor is taken."""

import os
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from benchmarks.environment import environment_of
from nophoto.jobs.operations.upgrade import upgrade_database
from nophoto.jobs.operations.users import add_user
from nophoto.models.records.database import Database
from nophoto.models.records.tables import Role
from nophoto.worker.settings import Settings
from tests.console.conftest import until
from tests.console.serving import PASSWORD

Post = Callable[..., httpx.Response]


@contextmanager
def console_of(home: Path, proxies: str) -> Iterator[Post]:
    """`nophoto console`; what it answers a login that a proxy on this machine passes on."""
    settings = Settings(_env_file=None, home=home, console_proxies=proxies)
    upgrade_database(settings)
    database = Database(settings.effective_database_url)
    add_user(database, "ann", PASSWORD, Role.VIEWER)
    database.close()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    console = subprocess.Popen(
        [sys.executable, "-m", "nophoto.jobs.cli", "console", "--login", "--port", port],
        env={**os.environ, **environment_of(settings)},
    )

    def post(name: str, password: str, address: str) -> httpx.Response:
        headers = {"x-forwarded-for": address, "x-forwarded-proto": "https"}
        form = {"name": name, "password": password}
        return httpx.post(f"http://127.0.0.1:{port}/login", data=form, headers=headers, timeout=60)

    def is_up() -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/health").is_success
        except httpx.TransportError:
            return False

    try:
        until(is_up, 120)
        yield post
    finally:
        console.terminate()
        console.wait(60)


def guesses(post: Post) -> Counter[int]:
    """What twenty names from as many addresses are answered, and one from another."""
    asked = [post(f"name {n}", "a guess", f"198.51.100.{n}").status_code for n in range(21)]
    return Counter(asked)


def test_the_word_of_a_known_proxy_is_taken(tmp_path):
    with console_of(tmp_path, "192.0.2.1, 127.0.0.0/8") as post:
        assert "; secure" in post("ann", PASSWORD, "198.51.100.99").headers["set-cookie"].lower()
        assert guesses(post) == {401: 21}
        # Wrong passwords from one address lock its own visitors out, a /64 as one, and no others.
        for address, neighbour, elsewhere in (
            ("198.51.100.200", "198.51.100.200", "198.51.100.201"),
            ("2001:db8:1:2::1", "2001:db8:1:2:3::4", "2001:db8:1:3::1"),
        ):
            wrong = [post("ann", "a guess", address).status_code for _ in range(5)]
            assert wrong == [401] * 5
            assert post("ann", PASSWORD, neighbour).status_code == 429
            assert post("ann", PASSWORD, elsewhere).status_code == 303


def test_nobody_elses_word_is(tmp_path):
    with console_of(tmp_path, "192.0.2.1") as post:
        assert "secure" not in post("ann", PASSWORD, "198.51.100.99").headers["set-cookie"].lower()
        assert guesses(post) == {401: 20, 429: 1}
