from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from time import sleep

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from nophoto.models.records import clock, runs
from nophoto.models.records.database import Database
from nophoto.models.records.runs import (
    ClaimedRun,
    RunFinishedError,
    RunRow,
    RunUnderWayError,
    Signal,
    UnknownRunError,
)
from nophoto.models.records.tables import Run, RunKind, RunState

RESCORE = RunKind.RESCORE


@pytest.fixture
def request_run(database: Database) -> Callable[..., int]:
    def request_run(kind: RunKind = RESCORE, **parameters: object) -> int:
        with database.transaction() as session:
            return runs.request(session, kind, parameters, "somebody")

    return request_run


@pytest.fixture
def claim_run(database: Database) -> Callable[..., ClaimedRun | None]:
    def claim_run(run_id: int, lease_seconds: float = 60) -> ClaimedRun | None:
        with database.transaction() as session:
            return runs.claim(session, run_id, lease_seconds)

    return claim_run


@pytest.fixture
def row(database: Database) -> Callable[[int], RunRow]:
    def row(run_id: int) -> RunRow:
        with database.reading() as session:
            return runs.get(session, run_id)

    return row


def lapse(database: Database, run_id: int) -> None:
    with database.transaction() as session:
        long_ago = clock.now(session) - timedelta(hours=1)
        session.execute(update(Run).where(Run.id == run_id).values(lease_until=long_ago))


def test_a_run_is_asked_for_worked_on_and_done(
    database: Database, request_run, claim_run, row
) -> None:
    run_id = request_run(since="2026-01-01")
    claimed = claim_run(run_id)
    assert (claimed.kind, claimed.parameters) == (RESCORE, {"since": "2026-01-01"})
    assert (claimed.progress, claimed.attempts) == (None, 1)
    assert claim_run(run_id) is None
    with database.transaction() as session:
        assert runs.report_progress(session, claimed.token, {"done": 1, "total": 2})
        assert runs.renew(session, claimed.token, 60) is Signal.GO_ON
    with database.transaction() as session:
        assert runs.finish(session, claimed.token, {"changed": 7})
        assert not runs.finish(session, claimed.token, {"changed": 8})
        assert runs.renew(session, claimed.token, 60) is None
    found = row(run_id)
    assert (found.state, found.result, found.progress) == (
        RunState.DONE,
        {"changed": 7},
        {"done": 1, "total": 2},
    )
    assert found.started_at is not None
    assert found.finished_at is not None
    assert claim_run(run_id) is None


def test_a_second_run_of_a_kind_is_refused_by_the_name_of_the_first(
    database: Database, request_run, claim_run
) -> None:
    first = request_run()
    for change in (lambda _: None, lambda s: runs.pause(s, first), lambda s: runs.resume(s, first)):
        with database.transaction() as session:
            change(session)
        with pytest.raises(RunUnderWayError, match=f"run {first} "):
            request_run()
    request_run(RunKind.RETRAIN)
    with database.transaction() as session:
        runs.cancel(session, first)
    assert request_run() > first


def test_of_many_requests_at_once_one_is_taken(database: Database, request_run) -> None:
    def ask(_: int) -> int | None:
        try:
            return request_run()
        except RunUnderWayError:
            return None

    with ThreadPoolExecutor(8) as pool:
        taken = [run_id for run_id in pool.map(ask, range(16)) if run_id is not None]
    assert len(taken) == 1


def test_of_many_claims_at_once_one_holds_the_run(request_run, claim_run) -> None:
    run_id = request_run()
    with ThreadPoolExecutor(8) as pool:
        claims = [claim for claim in pool.map(claim_run, [run_id] * 16) if claim is not None]
    assert len(claims) == 1


def test_a_claim_that_waited_for_anothers_finds_the_run_taken(
    database: Database, request_run, claim_run
) -> None:
    run_id = request_run()
    with ThreadPoolExecutor(1) as pool:
        with database.transaction() as session:
            session.execute(select(Run.id).where(Run.id == run_id).with_for_update())
            late = pool.submit(claim_run, run_id)
            sleep(0.3)  # it has looked at the clock, and waits for the row
            assert runs.claim(session, run_id, 60) is not None
        assert late.result() is None


def test_the_next_holder_begins_where_the_other_was_and_the_other_writes_nothing(
    database: Database, request_run, claim_run, row
) -> None:
    run_id = request_run()
    lost = claim_run(run_id)
    with database.transaction() as session:
        runs.report_progress(session, lost.token, {"done": 3})
    lapse(database, run_id)
    taken = claim_run(run_id)
    assert (taken.progress, taken.attempts) == ({"done": 3}, 1)
    with database.transaction() as session:
        assert runs.renew(session, lost.token, 60) is None
        assert not runs.report_progress(session, lost.token, {"done": 9})
        assert not runs.fail(session, lost.token, "late")
        assert not runs.hold(session, lost.token, {})
    assert (row(run_id).state, row(run_id).progress) == (RunState.RUNNING, {"done": 3})


@pytest.mark.parametrize(
    ("act", "state", "signal"),
    [
        (runs.pause, RunState.PAUSED, Signal.PAUSE),
        (runs.cancel, RunState.CANCELLED, Signal.CANCEL),
    ],
)
def test_the_holder_learns_that_somebody_stopped_the_run_and_writes_nothing_more(
    act, state, signal, database: Database, request_run, claim_run, row
) -> None:
    run_id = request_run()
    claimed = claim_run(run_id)
    with database.transaction() as session:
        assert act(session, run_id) is RunState.RUNNING
    with database.transaction() as session:
        assert not runs.report_progress(session, claimed.token, {"done": 1})
        assert runs.renew(session, claimed.token, 60) is signal
    assert (row(run_id).state, row(run_id).progress) == (state, None)
    assert claim_run(run_id) is None


def test_a_paused_run_goes_on_and_its_former_holder_does_not(
    database: Database, request_run, claim_run
) -> None:
    run_id = request_run()
    former = claim_run(run_id)
    with database.transaction() as session:
        runs.report_progress(session, former.token, {"done": 5})
        runs.pause(session, run_id)
        assert runs.resume(session, run_id) is RunState.PAUSED
    assert claim_run(run_id).progress == {"done": 5}
    with database.transaction() as session:
        assert runs.renew(session, former.token, 60) is None


def test_a_run_may_wait_for_somebodys_word(database: Database, request_run, claim_run, row) -> None:
    run_id = request_run()
    claimed = claim_run(run_id)
    with database.transaction() as session:
        assert runs.hold(session, claimed.token, {"question": "really?"})
    assert row(run_id).state is RunState.PAUSED
    with database.transaction() as session:
        runs.resume(session, run_id)
    assert claim_run(run_id).progress == {"question": "really?"}


def test_what_has_ended_is_neither_paused_nor_cancelled(
    database: Database, request_run, claim_run
) -> None:
    run_id = request_run()
    claimed = claim_run(run_id)
    with database.transaction() as session:
        runs.finish(session, claimed.token, {})
    for act in (runs.pause, runs.resume, runs.cancel):
        with (
            pytest.raises(RunFinishedError, match=f"run {run_id} is done"),
            database.transaction() as session,
        ):
            act(session, run_id)
        with pytest.raises(UnknownRunError, match="999"), database.transaction() as session:
            act(session, 999)


def test_a_failed_run_goes_on_unless_another_is_open(
    database: Database, request_run, claim_run, row
) -> None:
    run_id = request_run()
    claimed = claim_run(run_id)
    with database.transaction() as session:
        runs.fail(session, claimed.token, "the disk is full\0")
    assert (row(run_id).state, row(run_id).error) == (RunState.FAILED, "the disk is full\\0")
    other = request_run()
    with pytest.raises(RunUnderWayError, match=f"run {other} "), database.transaction() as session:
        runs.resume(session, run_id)
    with database.transaction() as session:
        runs.cancel(session, other)
        assert runs.resume(session, run_id) is RunState.FAILED
    assert (row(run_id).state, row(run_id).error) == (RunState.QUEUED, None)


def test_what_nobody_works_on_is_due_once_in_a_while(
    database: Database, request_run, claim_run
) -> None:
    def due() -> list[int]:
        with database.transaction() as session:
            return [run.id for run in runs.due(session, 30)]

    run_id = request_run()
    assert due() == [run_id]
    assert due() == []
    claim_run(run_id)
    with database.transaction() as session:
        session.execute(update(Run).values(published_at=None))
    assert due() == []
    lapse(database, run_id)
    assert due() == [run_id]
    with database.transaction() as session:
        session.execute(update(Run).values(published_at=clock.now(session) + timedelta(hours=2)))
    assert due() == [run_id]


def test_a_lease_from_before_the_clock_was_set_back_holds_no_run_up(
    database: Database, request_run, claim_run
) -> None:
    run_id = request_run()
    claim_run(run_id)
    with database.transaction() as session:
        later = clock.now(session) + timedelta(hours=1)
        session.execute(update(Run).values(heartbeat_at=later, lease_until=later))
    assert claim_run(run_id) is not None


def test_a_run_that_ends_every_process_is_marked_failed(
    database: Database, request_run, claim_run, row
) -> None:
    run_id = request_run()
    for attempt in (1, 2, 3):
        assert claim_run(run_id).attempts == attempt
        with database.transaction() as session:
            assert runs.give_up(session, 3) == []
        lapse(database, run_id)
    with database.transaction() as session:
        assert runs.give_up(session, 3) == [run_id]
    assert row(run_id).state is RunState.FAILED
    assert "3 attempts" in row(run_id).error


def test_runs_are_listed_by_kind_and_state(database: Database, request_run, claim_run) -> None:
    first = request_run()
    claim_run(first)
    second = request_run(RunKind.RETRAIN)
    with database.reading() as session:
        assert [run.id for run in runs.list_runs(session)] == [second, first]
        assert [run.id for run in runs.list_runs(session, kind=RESCORE)] == [first]
        assert [run.id for run in runs.list_runs(session, state=RunState.QUEUED)] == [second]
        assert len(runs.list_runs(session, limit=1)) == 1


STEPS = st.lists(
    st.sampled_from(
        ["request", "claim", "lapse", "progress", "pause", "resume", "cancel", "fail", "finish"]
    ),
    max_size=25,
)


@given(STEPS)
@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_whatever_happens_a_run_is_open_and_can_be_taken_up_or_has_ended_with_a_reason(
    database: Database, request_run, claim_run, row, steps
) -> None:
    with database.transaction() as session:
        session.execute(delete(Run))
    asked: list[int] = []
    tokens = []
    done = 0

    def attempt(act, *arguments: object) -> object:
        try:
            with database.transaction() as session:
                return act(session, *arguments)
        except (RunFinishedError, RunUnderWayError):
            return None

    for step in ["request", *steps]:
        if step == "request":
            run_id = attempt(runs.request, RESCORE, {})
            asked += [run_id] if run_id else []
        elif step == "claim":
            claimed = claim_run(asked[-1])
            if claimed:
                assert (claimed.progress or {}).get("done", 0) == done or len(asked) > 1
                tokens.append(claimed.token)
        elif step == "lapse":
            if row(asked[-1]).state is RunState.RUNNING:
                lapse(database, asked[-1])
        elif step in ("pause", "resume", "cancel"):
            attempt(getattr(runs, step), asked[-1])
        elif tokens and step == "progress":
            done += bool(attempt(runs.report_progress, tokens[-1], {"done": done + 1}))
        elif tokens:
            attempt(getattr(runs, step), tokens[-1], {} if step == "finish" else "why")

    with database.reading() as session:
        found = runs.list_runs(session)
    assert {run.id for run in found} == set(asked)
    assert sum(run.state in runs.OPEN for run in found) <= 1
    for run in found:
        if run.state is RunState.PAUSED:
            attempt(runs.resume, run.id)
        elif run.state is RunState.RUNNING:
            lapse(database, run.id)
        if run.state in runs.OPEN:
            assert claim_run(run.id) is not None
        else:
            assert run.finished_at is not None
            assert run.result is not None or run.error or run.state is RunState.CANCELLED
