"""`nophoto console`: its figures, whose word on a visitor it takes, and whether it lives."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx
import pytest

from benchmarks.environment import environment_of
from nophoto.jobs.operations.probes import check_ready
from nophoto.jobs.operations.upgrade import upgrade_database
from nophoto.jobs.operations.users import add_user
from nophoto.models.errors import NophotoError
from nophoto.models.records.database import Database
from nophoto.models.records.tables import Role
from nophoto.worker.settings import Settings
from tests.console.conftest import until
from tests.console.serving import PASSWORD
from tests.e2e.scraping import free_port, scrape, total
from tests.e2e.test_watching_parts import check_told_from_deaf_and_dead

Post = Callable[..., httpx.Response]

PROXY, STRANGER = "127.0.0.1", "127.0.0.2"
"""Addresses of this machine: one of a proxy that the console knows, one of nobody it knows."""


QUICKLY_HASHING = """
from argon2 import PasswordHasher
from nophoto.jobs.operations import users
users._hasher = lambda: PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
from nophoto.jobs.cli import main
main()
"""
"""`nophoto`, but that eighty guesses take no ten seconds of the processor."""


@dataclass
class Console:
    """`nophoto console` in a process of its own."""

    settings: Settings
    process: "subprocess.Popen[bytes]"
    url: str
    metrics_port: int


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    home, port, metrics_port = tmp_path_factory.mktemp("home"), free_port(), free_port()
    settings = Settings(
        _env_file=None,
        home=home,
        console_proxies=f"192.0.2.1, {PROXY}/32",
        console_metrics_port=metrics_port,
    )
    upgrade_database(settings)
    database = Database(settings.effective_database_url)
    add_user(database, "ann", PASSWORD, Role.VIEWER)
    database.close()
    process = subprocess.Popen(
        [sys.executable, "-c", QUICKLY_HASHING, "console", "--login", "--port", str(port)],
        env={**os.environ, **environment_of(settings)},
    )
    url = f"http://127.0.0.1:{port}"

    def is_up() -> bool:
        try:
            return httpx.get(f"{url}/health").is_success
        except httpx.TransportError:
            return False

    try:
        until(is_up, 120)
        yield Console(settings, process, url, metrics_port)
    finally:
        process.terminate()
        process.wait(60)


@pytest.fixture(scope="module")
def post(console: Console) -> Post:
    """What the console answers a login that an address of this machine passes on."""

    def post(name: str, password: str, address: str, by: str) -> httpx.Response:
        headers = {"x-forwarded-for": address, "x-forwarded-proto": "https"}
        form = {"name": name, "password": password}
        with httpx.Client(transport=httpx.HTTPTransport(local_address=by), timeout=60) as client:
            return client.post(f"{console.url}/login", data=form, headers=headers)

    return post


def test_it_counts_what_it_answers(console: Console) -> None:
    with httpx.Client(base_url=console.url, timeout=60) as visitor:
        assert visitor.post("/login", data={"name": "who", "password": "guess"}).status_code == 401
        visitor.post("/login", data={"name": "ann", "password": PASSWORD})
        visitor.get("/en/").raise_for_status()
    samples = scrape(console.metrics_port)
    assert total(samples, "nophoto_console_requests_total", place="login", status="401") == 1
    assert total(samples, "nophoto_console_logins_total", outcome="refused") == 1
    assert total(samples, "nophoto_console_logins_total", outcome="accepted") == 1
    assert total(samples, "nophoto_console_requests_total", place="pages", status="200") >= 1
    assert total(samples, "nophoto_console_seconds_count", place="pages") >= 1


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


def test_it_is_told_from_a_deaf_and_from_a_dead_one(console: Console) -> None:
    """The last one: it ends the console."""
    assert check_ready(console.settings, "console") == "console: 1 live, database answers"
    away = type(console.settings.database_url)("postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(NophotoError, match="database"):
        check_ready(console.settings.model_copy(update={"database_url": away}), "console")
    check_told_from_deaf_and_dead(console.settings, "console", console.process, until)
