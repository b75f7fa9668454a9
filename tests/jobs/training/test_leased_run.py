import errno
from pathlib import Path
from time import sleep

import pytest

from nophoto.jobs.training.claim import NothingToResumeError, ask_and_take, claim_open
from nophoto.jobs.training.leased_run import LeasedRun, RunFailedError, RunStoppedError
from nophoto.models.errors import NophotoError
from nophoto.models.records import runs
from nophoto.models.records.database import Database
from nophoto.models.records.runs import ClaimedRun, RunRow, RunUnderWayError
from nophoto.models.records.tables import RunState
from nophoto.worker.retraining.request import RetrainParameters

LEASE = 0.6


@pytest.fixture
def claimed(database: Database) -> ClaimedRun:
    return ask_and_take(database, RetrainParameters.of({"real": ["/photos"]}), LEASE)


def row(database: Database, claimed: ClaimedRun) -> RunRow:
    with database.reading() as session:
        return runs.get(session, claimed.id)


def wait_for_stop(held: LeasedRun, beats: int = 100) -> None:
    for _ in range(beats):
        held.check()
        sleep(LEASE / 12)


def test_progress_is_kept_and_the_end_as_well(database: Database, claimed: ClaimedRun) -> None:
    with LeasedRun(database, claimed, LEASE) as held:
        held.report({"stage": "pictures", "done": 1, "total": 9})
        held.report({"done": 2})  # too soon to be written
        assert row(database, claimed).progress == {"stage": "pictures", "done": 1, "total": 9}
        held.report({"done": 9}, at_once=True)
        assert row(database, claimed).progress == {"stage": "pictures", "done": 9, "total": 9}
        held.finish({"model_version": "x"})
    done = row(database, claimed)
    assert (done.state, done.result) == (RunState.DONE, {"model_version": "x"})
    with pytest.raises(NothingToResumeError, match="no retraining is open"):
        claim_open(database, LEASE)


def test_the_lease_is_renewed_while_the_work_reports_nothing(
    database: Database, claimed: ClaimedRun
) -> None:
    with LeasedRun(database, claimed, LEASE) as held:
        sleep(2 * LEASE)
        with database.transaction() as session:
            assert runs.claim(session, claimed.id, LEASE) is None
        with pytest.raises(NothingToResumeError, match="another process"):
            claim_open(database, LEASE)
        held.check()
    with pytest.raises(RunUnderWayError, match="running already"):
        ask_and_take(database, RetrainParameters(), LEASE)


@pytest.mark.parametrize("how", ["paused", "cancelled"])
def test_its_holder_learns_that_it_was_stopped(
    database: Database, claimed: ClaimedRun, how: str
) -> None:
    steer = {"paused": runs.pause, "cancelled": runs.cancel}[how]

    def work() -> None:
        with LeasedRun(database, claimed, LEASE) as held:
            with database.transaction() as session:
                steer(session, claimed.id)
            wait_for_stop(held)

    with pytest.raises(RunStoppedError, match=f"run {claimed.id} was {how}"):
        work()
    assert row(database, claimed).state == how


def test_what_reports_after_a_cancellation_writes_nothing(
    database: Database, claimed: ClaimedRun
) -> None:
    with LeasedRun(database, claimed, 1000) as held, database.transaction() as session:
        runs.cancel(session, claimed.id)
        session.commit()
        with pytest.raises(RunStoppedError, match="cancelled"):
            held.report({"done": 5}, at_once=True)
        with pytest.raises(RunStoppedError, match="cancelled"):
            held.finish({})
    assert (row(database, claimed).state, row(database, claimed).progress) == ("cancelled", None)


@pytest.mark.parametrize(
    ("error", "state", "sentence"),
    [
        (KeyboardInterrupt(), RunState.PAUSED, None),
        (SystemExit(1), RunState.QUEUED, None),
        (NophotoError("no weights; install them"), RunState.FAILED, "no weights; install them"),
        (
            OSError(errno.ENOSPC, "No space left on device", "/data/network.keras"),
            RunState.FAILED,
            "/data/network.keras cannot be read or written (No space left on device). Make room",
        ),
        (MemoryError(), RunState.FAILED, "too little memory"),
        (ZeroDivisionError("no\0 way"), RunState.FAILED, "ZeroDivisionError: no\\0 way. This is a"),
    ],
)
def test_every_end_but_a_good_one_is_told_and_can_be_taken_up(
    database: Database,
    claimed: ClaimedRun,
    error: BaseException,
    state: RunState,
    sentence: str | None,
) -> None:
    def work() -> None:
        with LeasedRun(database, claimed, LEASE) as held:
            held.report({"done": 3})
            raise error

    is_machine = isinstance(error, OSError | MemoryError)
    with pytest.raises(RunFailedError if is_machine else type(error)) as raised:
        work()
    ended = row(database, claimed)
    assert (ended.state, ended.progress) == (state, {"done": 3})
    assert sentence is None or sentence in str(ended.error)
    assert not is_machine or str(raised.value) == ended.error
    again = claim_open(database, LEASE)
    assert (again.id, again.progress) == (claimed.id, {"done": 3})


def test_a_run_whose_process_is_gone_is_taken_over(
    database: Database, claimed: ClaimedRun, tmp_path: Path
) -> None:
    with pytest.raises(NothingToResumeError, match="another process"):
        claim_open(database, LEASE)
    sleep(LEASE * 1.5)
    taken = claim_open(database, LEASE)
    assert (taken.id, taken.attempts) == (claimed.id, 2)
    with (
        pytest.raises(RunStoppedError, match="taken over"),
        LeasedRun(database, claimed, 1) as held,
    ):
        wait_for_stop(held)
