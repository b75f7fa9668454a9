"""A rescoring beside uploads, promotions and other workers, stopped and taken up again."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, update

from nophoto.models.records import clock, references, runs
from nophoto.models.records.database import Database
from nophoto.models.records.matching import cohort
from nophoto.models.records.outcomes.results import ResultFilter
from nophoto.models.records.tables import (
    CohortPicture,
    ReferenceSetVersion,
    RunChange,
    RunChunk,
    RunState,
    Score,
    SetChange,
    Upload,
    UploadState,
)
from nophoto.models.records.versions import model_versions
from nophoto.models.vocabulary import Verdict
from nophoto.worker.rescoring import Rescoring
from nophoto.worker.settings import Settings
from tests.parts import rescoring_of
from tests.worker.rescoring.steps import Seed, drain, near


def test_what_is_judged_meanwhile_stands(
    database: Database, later: int, ask, rescoring: Rescoring, rows
) -> None:
    run_id = ask()
    messages = 1
    while True:
        messages += rescoring.step(run_id) - 1
        with database.reading() as session:
            if (runs.get(session, run_id).progress or {}).get("phase") == "write":
                break
    with database.transaction() as session:
        at = clock.now(session) + timedelta(seconds=1)
        session.execute(update(Upload).where(Upload.key == "new-0").values(judged_at=at))
        waits = {"state": UploadState.QUEUED}
        session.execute(update(Upload).where(Upload.key == "new-1").values(waits))
    done = drain(rescoring, database, run_id)
    assert done.state is RunState.DONE
    assert {rows()[key].verdict for key in ("new-0", "new-1")} == {Verdict.REAL}


def test_a_model_version_that_is_replaced_ends_the_run(
    database: Database, later: int, ask, rescoring: Rescoring, model: str, small, app
) -> None:
    run_id = ask()
    rescoring.step(run_id)
    with database.transaction() as session:
        chunk = session.get(RunChunk, (run_id, 0))
        assert chunk.step == 0
        row = model_versions.active(session)
        new = {f: getattr(row, f) for f in model_versions.NewModelVersion.__dataclass_fields__}
        new |= {"id": "other-00000000"}
        model_versions.register(session, model_versions.NewModelVersion(**new))
    # The network of this process is the old one; the database names another for the run.
    with database.transaction() as session:
        progress = runs.get(session, run_id).progress | {"model_version_id": "other-00000000"}
        session.execute(
            update(runs.holding.Run).where(runs.holding.Run.id == run_id).values(progress=progress)
        )
    done = drain(rescoring, database, run_id)
    assert done.state is RunState.FAILED
    assert "other-00000000" in done.error
    assert "nophoto rescore" in done.error


def test_many_workers_at_once_come_to_the_same(
    database: Database, later: int, ask, small: Settings, app, rows, model
) -> None:
    run_id = ask()
    workers = [rescoring_of(database, small, app) for _ in range(3)]
    workers[0].step(run_id)

    def work(rescoring: Rescoring) -> None:
        for _ in range(30):
            rescoring.step(run_id)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, workers))
    with database.reading() as session:
        done = runs.get(session, run_id)
        said = session.execute(
            select(Score.upload_id, func.count())
            .where(Score.run_id == run_id)
            .group_by(Score.upload_id)
        ).all()
    assert done.state is RunState.DONE
    assert done.progress["done"] == done.progress["total"]
    assert {count for _, count in said} <= {1}
    assert done.result["written"] == len(said)
    assert rows()["new-0"].verdict == Verdict.PLACEHOLDER


ACTS = st.lists(st.sampled_from(["step", "step", "step", "pause", "lapse", "lose"]), max_size=12)


@given(acts=ACTS)
@hypothesis_settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_however_often_it_is_stopped_a_run_ends_as_if_it_had_not_been(
    acts: list[str],
    database: Database,
    collection,
    judge_before: Callable[[], int],
    ask,
    rescoring: Rescoring,
    rows,
) -> None:
    with database.transaction() as session:
        for table in (Score, RunChange, RunChunk, Upload):
            session.execute(delete(table))
        session.execute(delete(runs.holding.Run))
    _, vectors = collection()
    judge_before()
    run_id = ask()
    for act in acts:
        if act == "step":
            rescoring.step(run_id)
            continue
        with database.transaction() as session:
            state = runs.get(session, run_id).state
            if state is RunState.DONE:
                break
            if act == "pause":
                runs.pause(session, run_id)
                runs.resume(session, run_id)
            elif act == "lapse":
                session.execute(
                    update(runs.holding.Run)
                    .where(runs.holding.Run.lease_until.is_not(None))
                    .values(lease_until=clock.now(session) - timedelta(seconds=1))
                )
            else:
                # As a worker that was killed leaves it: a chunk is held, and nobody works on it.
                from nophoto.models.records.rescoring import chunks

                chunks.claim_to_compare(session, run_id, 0.0)
    with database.transaction() as session:
        past = clock.now(session) - timedelta(seconds=1)
        held = RunChunk.lease_until.is_not(None)
        session.execute(update(RunChunk).where(held).values(lease_until=past))
    done = drain(rescoring, database, run_id)
    assert done.state is RunState.DONE
    assert done.result["to_placeholder"] == 2
    assert done.result["compared"] == len(vectors)
    found = rows()
    assert {key for key, row in found.items() if row.verdict == Verdict.PLACEHOLDER} == {
        "known",
        "new-0",
        "new-1",
    }
    with database.reading() as session:
        said = select(func.count()).select_from(Score).where(Score.run_id == run_id)
        assert session.scalar(said) == done.result["written"]


def test_a_rescoring_of_everything_renews_the_cohort_and_calibrates_by_it(
    database, later: int, seed: Seed, reference_vector, run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cohort, "LEAST", 1)
    # Beyond doubt: opposite to both references.
    far = -(reference_vector(1) + reference_vector(later))
    seed({f"far-{n}": near(far / np.linalg.norm(far), 0.9, 300 + n) for n in range(3)})
    with database.reading() as session:
        before = references.current_version(session)
    for parameters in ({"dry_run": True}, {"filters": ResultFilter(key_prefix="new"), "yes": True}):
        run(**parameters)
        with database.reading() as session:
            assert session.scalar(select(func.count()).select_from(CohortPicture)) == 0
    done = run(yes=True)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(CohortPicture)) > 0
        assert references.current_version(session) == before + 1
        change = session.scalars(
            select(ReferenceSetVersion.change).order_by(ReferenceSetVersion.version.desc())
        ).first()
    assert change == SetChange.CALIBRATED
    assert done.result["reference_set_version"] == before + 1
    assert done.result["set_version_at_end"] == before + 1
