from console.sessions import Attempts, Holder, Sessions

ANN, BOB = Holder("ann", "a seal"), Holder("bob", "another")


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def test_a_token_stands_for_its_holder_until_it_goes_unused() -> None:
    clock = Clock()
    sessions = Sessions(60, 1000, clock)
    token = sessions.begin(ANN)
    clock.seconds += 50
    sessions.use(token)
    clock.seconds += 50
    assert sessions.holder(token) == ANN
    clock.seconds += 11
    sessions.use(token)
    assert sessions.holder(token) is None


def test_to_ask_for_the_holder_is_no_use() -> None:
    clock = Clock()
    sessions = Sessions(60, 1000, clock)
    token = sessions.begin(ANN)
    for _ in range(6):
        clock.seconds += 10
        assert sessions.holder(token) == ANN
    clock.seconds += 10
    assert sessions.holder(token) is None


def test_a_session_ends_however_much_it_is_used() -> None:
    clock = Clock()
    sessions = Sessions(60, 1000, clock)
    token = sessions.begin(ANN)
    for _ in range(20):
        clock.seconds += 50
        sessions.use(token)
        assert sessions.holder(token) == ANN
    clock.seconds += 1
    assert sessions.holder(token) is None


def test_an_ended_or_unknown_token_stands_for_nobody() -> None:
    sessions = Sessions(60, 1000)
    token, other = sessions.begin(ANN), sessions.begin(BOB)
    assert len({token, other}) == 2
    sessions.end(token)
    sessions.end(None)
    assert sessions.holder(token) is None
    assert sessions.holder("made up") is None
    assert sessions.holder(None) is None
    assert sessions.holder(other) == BOB


def test_five_wrong_passwords_of_one_name_make_it_wait() -> None:
    clock = Clock()
    attempts = Attempts(clock)
    for number in range(5):
        assert attempts.begin("ann", f"10.0.0.{number}")
    assert attempts.begin("ann", "10.0.0.99") is None
    assert attempts.begin("bob", "10.0.0.0")
    clock.seconds += 301
    assert attempts.begin("ann", "10.0.0.99")


def test_one_address_may_not_try_every_name() -> None:
    attempts = Attempts(Clock())
    for number in range(20):
        assert attempts.begin(f"user {number}", "10.0.0.1")
    assert attempts.begin("another", "10.0.0.1") is None
    assert attempts.begin("another", "10.0.0.2")


def test_an_attempt_that_succeeds_does_not_count() -> None:
    attempts = Attempts(Clock())
    for _ in range(30):
        begun = attempts.begin("ann", "10.0.0.1")
        assert begun
        attempts.uncount("ann", "10.0.0.1", begun)
    for _ in range(5):
        assert attempts.begin("ann", "10.0.0.1")
    assert attempts.begin("ann", "10.0.0.1") is None
