"""Who still is somebody: removed users, changed passwords, pages that stand open."""

import pytest

from nophoto.console.auth.current_user import FRESH_SECONDS
from nophoto.jobs.operations.users import add_user, change_user, remove_user
from nophoto.models.records.tables import Role
from tests.console.gradio import Tab
from tests.console.serving import PASSWORD, Served

PICTURE = "/pictures/reference/1"


@pytest.fixture
def ann(served: Served):
    """A browser of somebody who is logged in."""
    add_user(served.database, "ann", PASSWORD, Role.MODERATOR)
    with served.log_in("ann") as visitor:
        assert visitor.get(PICTURE).status_code == 200
        yield visitor
    if "ann" in served.names():
        remove_user(served.database, "ann")


def test_a_user_who_was_removed_sees_no_picture_and_may_not_ask(served, ann):
    remove_user(served.database, "ann")
    served.clock.added += FRESH_SECONDS + 1
    assert ann.get(PICTURE).status_code == 401
    assert (
        ann.get("/en/", headers={"accept": "text/html"}).headers["location"] == "/login?next=/en/"
    )
    # Somebody else of that name is somebody else.
    add_user(served.database, "ann", "another password", Role.MODERATOR)
    served.clock.added += FRESH_SECONDS + 1
    assert ann.get(PICTURE).status_code == 401


def test_a_user_who_was_removed_does_nothing_from_the_next_click_on(served, ann):
    remove_user(served.database, "ann")
    assert ann.post("/en/gradio_api/queue/join", json={}).status_code == 401
    assert ann.get(PICTURE).status_code == 401


def test_another_password_ends_the_sessions_of_the_one_before(served, ann):
    change_user(served.database, "ann", password="a new password")
    served.clock.added += FRESH_SECONDS + 1
    assert ann.get(PICTURE).status_code == 401
    with served.log_in("ann", "a new password") as again:
        assert again.get(PICTURE).status_code == 200


def test_another_role_ends_nothing(served, ann):
    change_user(served.database, "ann", role=Role.VIEWER)
    served.clock.added += FRESH_SECONDS + 1
    assert ann.get(PICTURE).status_code == 200


def test_a_page_that_asks_by_itself_does_not_keep_a_session(served):
    from nophoto.console.server import IDLE_SECONDS

    with served.log_in("viewer") as visitor:
        tab = Tab(visitor)
        timers = [
            number for kind, name, number in tab.events() if (kind, name) == ("timer", "tick")
        ]
        assert len(timers) >= 4
        served.clock.added += IDLE_SECONDS - 60
        for number in timers:
            assert tab.fire(number)["success"]
        assert visitor.get(PICTURE).status_code == 200
        served.clock.added += 120
        assert visitor.get(PICTURE).status_code == 401


def test_what_somebody_does_keeps_a_session_for_a_day_at_most(served):
    from nophoto.console.server import IDLE_SECONDS, LONGEST_SECONDS

    with served.log_in("viewer") as visitor:
        tab = Tab(visitor)
        (load, *_) = (number for _, name, number in tab.events() if name == "load")
        passed = 0.0
        while passed + IDLE_SECONDS - 60 < LONGEST_SECONDS:
            passed += IDLE_SECONDS - 60
            served.clock.added += IDLE_SECONDS - 60
            assert tab.fire(load)["success"]
        served.clock.added += LONGEST_SECONDS - passed + 1
        assert visitor.get(PICTURE).status_code == 401
