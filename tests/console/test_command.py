"""A console behind a proxy: whose word on the visitor is taken."""

import os
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator

import httpx
import pytest

from benchmarks.environment import environment_of
from nophoto.jobs.operations.upgrade import upgrade_database
from nophoto.jobs.operations.users import add_user
from nophoto.models.records.database import Database
from nophoto.models.records.tables import Role
from nophoto.worker.settings import Settings
from tests.console.conftest import until
from tests.console.serving import PASSWORD

Post = Callable[..., httpx.Response]

PROXY, STRANGER = "127.0.0.1", "127.0.0.2"
"""Addresses of this machine: one of a proxy that the console knows, one of nobody it knows."""


@pytest.fixture(scope="module")
def post(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Post]:
    """`nophoto console`; what it answers a login that an address of this machine passes on."""
    home = tmp_path_factory.mktemp("home")
    settings = Settings(_env_file=None, home=home, console_proxies=f"192.0.2.1, {PROXY}/32")
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

    def post(name: str, password: str, address: str, by: str) -> httpx.Response:
        headers = {"x-forwarded-for": address, "x-forwarded-proto": "https"}
        form = {"name": name, "password": password}
        with httpx.Client(transport=httpx.HTTPTransport(local_address=by), timeout=60) as client:
            return client.post(f"http://127.0.0.1:{port}/login", data=form, headers=headers)

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


def guesses(post: Post, by: str) -> Counter[int]:
    """What twenty names from as many addresses are answered, and one from another."""
    asked = [post(f"name {n}", "a guess", f"198.51.100.{n}", by).status_code for n in range(21)]
    return Counter(asked)


def test_the_word_of_a_known_proxy_is_taken(post: Post) -> None:
    cookie = post("ann", PASSWORD, "198.51.100.99", PROXY).headers["set-cookie"]
    assert "; secure" in cookie.lower()
    assert guesses(post, PROXY) == {401: 21}
    # Wrong passwords from one address lock its own visitors out, a /64 as one, and no others.
    for address, neighbour, elsewhere in (
        ("198.51.100.200", "198.51.100.200", "198.51.100.201"),
        ("2001:db8:1:2::1", "2001:db8:1:2:3::4", "2001:db8:1:3::1"),
    ):
        wrong = [post("ann", "a guess", address, PROXY).status_code for _ in range(5)]
        assert wrong == [401] * 5
        assert post("ann", PASSWORD, neighbour, PROXY).status_code == 429
        assert post("ann", PASSWORD, elsewhere, PROXY).status_code == 303


def test_nobody_elses_word_is(post: Post) -> None:
    cookie = post("ann", PASSWORD, "198.51.100.99", STRANGER).headers["set-cookie"]
    assert "secure" not in cookie.lower()
    assert guesses(post, STRANGER) == {401: 20, 429: 1}
