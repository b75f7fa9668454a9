from console.sessions import Attempts, Sessions


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def test_a_token_stands_for_its_user_until_it_goes_unused() -> None:
    clock = Clock()
    sessions = Sessions(60, clock)
    token = sessions.begin("ann")
    clock.seconds += 50
    assert sessions.user(token) == "ann"
    clock.seconds += 50
    assert sessions.user(token) == "ann"
    clock.seconds += 61
    assert sessions.user(token) is None
    assert sessions.user(token) is None


def test_an_ended_or_unknown_token_stands_for_nobody() -> None:
    sessions = Sessions(60)
    token, other = sessions.begin("ann"), sessions.begin("bob")
    assert len({token, other}) == 2
    sessions.end(token)
    sessions.end(None)
    assert sessions.user(token) is None
    assert sessions.user("made up") is None
    assert sessions.user(None) is None
    assert sessions.user(other) == "bob"


def test_five_wrong_passwords_of_one_name_make_it_wait() -> None:
    clock = Clock()
    attempts = Attempts(clock)
    for number in range(5):
        assert not attempts.are_exhausted("ann", f"10.0.0.{number}")
        attempts.failed("ann", f"10.0.0.{number}")
    assert attempts.are_exhausted("ann", "10.0.0.99")
    assert not attempts.are_exhausted("bob", "10.0.0.0")
    clock.seconds += 301
    assert not attempts.are_exhausted("ann", "10.0.0.99")


def test_one_address_may_not_try_every_name() -> None:
    attempts = Attempts(Clock())
    for number in range(20):
        assert not attempts.are_exhausted(f"user {number}", "10.0.0.1")
        attempts.failed(f"user {number}", "10.0.0.1")
    assert attempts.are_exhausted("another", "10.0.0.1")
    assert not attempts.are_exhausted("another", "10.0.0.2")
