import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from nophoto.console.auth.attempts import Attempts, network_of
from nophoto.console.auth.sessions import Holder, Sessions
from nophoto.models.records.database import Database

ANN, BOB = Holder("ann", "a seal"), Holder("bob", "another")


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def database(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Database]:
    shutil.copyfile(migrated_sqlite, tmp_path / "nophoto.db")
    database = Database(f"sqlite:///{tmp_path / 'nophoto.db'}")
    yield database
    database.close()


def test_a_token_stands_for_its_holder_until_it_goes_unused(database: Database) -> None:
    clock = Clock()
    sessions = Sessions(database, 60, 1000, clock)
    token = sessions.begin(ANN)
    clock.seconds += 50
    sessions.use(token)
    clock.seconds += 50
    assert sessions.holder(token) == ANN
    clock.seconds += 11
    sessions.use(token)
    assert sessions.holder(token) is None


def test_to_ask_for_the_holder_is_no_use(database: Database) -> None:
    clock = Clock()
    sessions = Sessions(database, 60, 1000, clock)
    token = sessions.begin(ANN)
    for _ in range(6):
        clock.seconds += 10
        assert sessions.holder(token) == ANN
    clock.seconds += 10
    assert sessions.holder(token) is None


def test_a_session_ends_however_much_it_is_used(database: Database) -> None:
    clock = Clock()
    sessions = Sessions(database, 60, 1000, clock)
    token = sessions.begin(ANN)
    for _ in range(20):
        clock.seconds += 50
        sessions.use(token)
        assert sessions.holder(token) == ANN
    clock.seconds += 1
    assert sessions.holder(token) is None


def test_a_session_of_a_clock_that_was_ahead_does_not_last_for_ever(database: Database) -> None:
    clock = Clock()
    clock.seconds += 100_000
    token = Sessions(database, 60, 1000, clock).begin(ANN)
    clock.seconds -= 100_000
    sessions = Sessions(database, 60, 1000, clock)
    assert sessions.holder(token) is None
    # And the next login sweeps it away.
    sessions.begin(BOB)
    clock.seconds += 100_000
    assert Sessions(database, 60, 1000, clock).holder(token) is None


def test_an_ended_or_unknown_token_stands_for_nobody(database: Database) -> None:
    sessions = Sessions(database, 60, 1000)
    token, other = sessions.begin(ANN), sessions.begin(BOB)
    assert len({token, other}) == 2
    sessions.end(token)
    sessions.end(None)
    assert sessions.holder(token) is None
    assert sessions.holder("made up") is None
    assert sessions.holder(None) is None
    assert sessions.holder(other) == BOB


def fail(attempts: Attempts, name: str, address: str, times: int = 1) -> bool:
    """Whether so many attempts, none of which succeeds, were all let."""
    return [attempts.begin(name, address) is not None for _ in range(times)] == [True] * times


def succeed(attempts: Attempts, name: str, address: str) -> bool:
    begun = attempts.begin(name, address)
    if begun is not None:
        attempts.succeed(name, address, begun)
    return begun is not None


def test_five_wrong_passwords_make_a_name_wait_there_and_nowhere_else() -> None:
    clock = Clock()
    attempts = Attempts(clock)
    assert fail(attempts, "ann", "10.0.0.1", 5)
    assert not fail(attempts, "ann", "10.0.0.1")
    assert succeed(attempts, "ann", "10.0.0.2")
    assert succeed(attempts, "bob", "10.0.0.1")
    clock.seconds += 301
    assert succeed(attempts, "ann", "10.0.0.1")


def test_one_address_may_not_try_every_name() -> None:
    attempts = Attempts(Clock())
    for number in range(20):
        assert fail(attempts, f"user {number}", "10.0.0.1")
    assert not fail(attempts, "another", "10.0.0.1")
    assert fail(attempts, "another", "10.0.0.2")


def test_many_addresses_may_not_guess_one_password() -> None:
    clock = Clock()
    attempts = Attempts(clock)
    assert succeed(attempts, "ann", "192.0.2.7")
    for number in range(50):
        assert fail(attempts, "ann", f"10.0.0.{number}")
    assert not fail(attempts, "ann", "10.0.1.1")
    # She keeps her access from where she has logged in, and others from everywhere.
    assert succeed(attempts, "ann", "192.0.2.7")
    assert fail(attempts, "bob", "10.0.1.1")
    clock.seconds += 301
    assert fail(attempts, "ann", "10.0.1.1")


def test_a_known_address_keeps_access_though_others_there_guess() -> None:
    attempts = Attempts(Clock())
    assert succeed(attempts, "ann", "10.0.0.1")
    for number in range(20):
        assert fail(attempts, f"user {number}", "10.0.0.1")
    assert not fail(attempts, "bob", "10.0.0.1")
    assert succeed(attempts, "ann", "10.0.0.1")
    # It is no licence to guess.
    assert fail(attempts, "ann", "10.0.0.1", 5)
    assert not fail(attempts, "ann", "10.0.0.1")


def test_a_64_of_ipv6_is_stopped_as_one_address() -> None:
    attempts = Attempts(Clock())
    for number in range(5):
        assert fail(attempts, "ann", f"2001:db8:1:2::{number:x}:1")
    assert not fail(attempts, "ann", "2001:db8:1:2:ffff::9")
    for number in range(15):
        assert fail(attempts, f"user {number}", f"2001:db8:1:2:{number:x}::1")
    assert not fail(attempts, "another", "2001:db8:1:2:abcd::1")
    assert succeed(attempts, "ann", "2001:db8:1:3::1")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8::1", "2001:db8::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("testclient", "testclient"),
    ],
)
def test_networks(address: str, network: str) -> None:
    assert network_of(address) == network


def test_an_attempt_that_succeeds_or_meets_no_database_does_not_count() -> None:
    attempts = Attempts(Clock())
    for _ in range(30):
        begun = attempts.begin("ann", "10.0.0.1")
        assert begun
        attempts.uncount("ann", "10.0.0.1", begun)
        assert succeed(attempts, "ann", "10.0.0.1")
    assert fail(attempts, "ann", "10.0.0.1", 5)
    assert not fail(attempts, "ann", "10.0.0.1")
