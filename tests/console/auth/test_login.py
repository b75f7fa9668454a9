"""Logging in, over a real socket."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from time import sleep

import pytest

import nophoto.console.auth.login
from nophoto.console.auth.login import check_password
from tests.console.serving import PASSWORD


@pytest.fixture
def checking(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many passwords were checked at the same time, whenever one began to be."""
    lock, running, seen = Lock(), [0], []

    def check(*arguments):
        with lock:
            running[0] += 1
            seen.append(running[0])
        try:
            sleep(0.05)
            return check_password(*arguments)
        finally:
            with lock:
                running[0] -= 1

    monkeypatch.setattr(nophoto.console.auth.login, "check_password", check)
    return seen


def answers(served, attempts: list[tuple[str, str]]) -> Counter[int]:
    """What so many attempts at once are answered."""

    def attempt(each: tuple[str, str]) -> int:
        name, password = each
        with served.visitor() as visitor:
            return visitor.post("/login", data={"name": name, "password": password}).status_code

    with ThreadPoolExecutor(len(attempts)) as pool:
        return Counter(pool.map(attempt, attempts))


def test_many_guesses_at_once_are_no_more_than_five_and_check_two_at_a_time(served, checking):
    assert answers(served, [("guessed", f"guess {n}") for n in range(30)]) == {401: 5, 429: 25}
    assert len(checking) == 5
    assert max(checking) <= 2
    # The right one comes too late, and another name does not wait.
    assert answers(served, [("guessed", PASSWORD)]) == {429: 1}
    assert answers(served, [("viewer", PASSWORD)]) == {303: 1}
    served.clock.added += 301


def test_many_names_at_once_are_no_more_than_twenty_of_an_address(served, checking):
    assert answers(served, [(f"name {n}", "guess") for n in range(30)]) == {401: 20, 429: 10}
    assert max(checking) <= 2
    served.clock.added += 301


def test_one_who_knows_the_password_logs_in_as_often_as_they_like(served):
    for _ in range(8):
        with served.log_in("viewer"):
            pass


def test_a_name_as_long_as_a_book_is_refused_like_any_other(served):
    assert answers(served, [("n" * 500_000, "guess")]) == {401: 1}
