from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import cache
from hashlib import sha256

import numpy as np
import pytest
from celery import Celery
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, func, insert, select, text, update

from nophoto.models.reasons import Reason, ReasonCode, ReasonParameters, held_as_sudden
from nophoto.models.records import clock, references, runs
from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle.uploads import NewUpload, add_uploads
from nophoto.models.records.matching import allow_list, cohort
from nophoto.models.records.matching.allow_list import NewAllowedPicture
from nophoto.models.records.outcomes import results
from nophoto.models.records.outcomes.results import ResultFilter, ResultRow
from nophoto.models.records.rescoring import RescoreParameters, count_flips, find_changes
from nophoto.models.records.runs import RunRow
from nophoto.models.records.scoring import claims, embeddings
from nophoto.models.records.scoring.outcomes import Failed, record_outcomes
from nophoto.models.records.tables import (
    CohortPicture,
    Embedding,
    Lane,
    ReferenceSetVersion,
    RunChange,
    RunChunk,
    RunKind,
    RunState,
    Score,
    SetChange,
    Upload,
    UploadState,
)
from nophoto.models.records.versions import model_versions
from nophoto.models.vocabulary import FailureCode, Verdict
from nophoto.worker.broker.app import create_app
from nophoto.worker.broker.publisher import waiting
from nophoto.worker.inference.network import Network
from nophoto.worker.matching.active_judge import ActiveJudge
from nophoto.worker.matching.verdicts import classify_uploads
from nophoto.worker.rescoring import Rescoring
from nophoto.worker.settings import Settings
from tests.parts import DECODERS, pipeline_of, rescoring_of

Vectors = np.ndarray
Seed = Callable[[dict[str, Vectors]], None]


@pytest.fixture
def app(settings: Settings) -> Celery:
    return create_app(settings)


@pytest.fixture
def small(settings: Settings) -> Settings:
    """Chunks of seven ids, so that a few uploads make several."""
    return settings.model_copy(update={"rescore_chunk_size": 7, "quarantine_minimum": 10})


@pytest.fixture
def rescoring(database: Database, small: Settings, model: str, app: Celery) -> Rescoring:
    return rescoring_of(database, small, app)


@pytest.fixture
def reference_vector(
    database: Database, network: Network, settings: Settings, model: str
) -> Callable[[int], Vectors]:
    """Gives the embedding of a reference, made as a worker makes it."""

    def vector(reference_id: int) -> Vectors:
        judge = ActiveJudge(database, settings, DECODERS).current()
        ids = [member.id for member in judge.references.members]
        return judge.references.vectors[ids.index(reference_id)]

    return vector


@pytest.fixture
def seed(database: Database, settings: Settings, model: str) -> Seed:
    """Stores judged uploads with these embeddings, judged as things stand now."""

    def seed(vectors: dict[str, Vectors]) -> None:
        judge = ActiveJudge(database, settings, DECODERS).current()
        keys = list(vectors)
        digests = [sha256(key.encode()).hexdigest() for key in keys]
        with database.transaction() as session:
            ids = [
                add_uploads(session, [NewUpload(key, f"/x/{key}")], Lane.BULK).ids[0]
                for key in keys
            ]
            token = claims.claim(session, ids, 60).token
            halves = {d: vectors[k].astype(np.float16) for d, k in zip(digests, keys, strict=True)}
            embeddings.remember(session, model, halves)
            verdicts = classify_uploads(ids, digests, list(halves.values()), judge)
            version = judge.references.version
            record_outcomes(session, token, verdicts, [], model, version)

    return seed


@pytest.fixture
def rows(database: Database) -> Callable[[], dict[str, ResultRow]]:
    def rows() -> dict[str, ResultRow]:
        with database.reading() as session:
            return {row.key: row for row in results.find(session)}

    return rows


@pytest.fixture
def ask(database: Database) -> Callable[..., int]:
    def ask(**parameters: object) -> int:
        with database.transaction() as session:
            wanted = RescoreParameters(**parameters).as_dict()
            return runs.request(session, RunKind.RESCORE, wanted)

    return ask


@pytest.fixture
def run(database: Database, rescoring: Rescoring, ask) -> Callable[..., RunRow]:
    """Asks for a rescoring and works on it until nothing is left to do."""

    def run(**parameters: object) -> RunRow:
        run_id = ask(**parameters)
        return drain(rescoring, database, run_id)

    return run


def drain(rescoring: Rescoring, database: Database, run_id: int) -> RunRow:
    messages = 1
    steps = 0
    while messages:
        messages += rescoring.step(run_id) - 1
        steps += 1
        assert steps < 1_000
    with database.reading() as session:
        return runs.get(session, run_id)


def near(vector: Vectors, similarity: float, seed: int) -> Vectors:
    """A vector of length 1 with this cosine to `vector`."""
    across = np.random.default_rng(seed).normal(size=len(vector))
    across -= vector * (across @ vector)
    across /= np.linalg.norm(across)
    return similarity * vector + np.sqrt(1 - similarity**2) * across


def history(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Score)) or 0


@pytest.fixture
def collection(
    add_reference, placeholder, noise, reference_vector, model: str
) -> Callable[[], tuple[int, dict[str, Vectors]]]:
    """Adds two references; gives the second, and pictures of which two resemble it alone."""

    @cache
    def collection() -> tuple[int, dict[str, Vectors]]:
        first = add_reference(placeholder(1))
        second = add_reference(noise(2))
        wanted = reference_vector(second)
        known = reference_vector(first)
        vectors = {f"photo-{n}": near(known, 0.0, n) for n in range(20)}
        vectors |= {"known": near(known, 0.99, 99)}
        vectors |= {f"new-{n}": near(wanted, 0.999, 200 + n) for n in range(2)}
        return second, vectors

    return collection


@pytest.fixture
def later(database: Database, collection, seed: Seed) -> int:
    """A collection that was judged before its second reference was there; returns its id."""
    second, vectors = collection()
    with database.transaction() as session:
        references.retire(session, [second])
    seed(vectors)
    with database.transaction() as session:
        references.restore(session, [second])
    return second


def test_a_new_reference_finds_its_matches_among_the_old_uploads(
    database: Database, later: int, run, rows
) -> None:
    before, said_before = rows(), history(database)
    assert before["new-0"].verdict == Verdict.REAL
    done = run()
    after = rows()
    assert done.state is RunState.DONE
    assert done.result["compared"] == len(after)
    assert done.result["to_placeholder"] == 2
    for key, row in after.items():
        if key.startswith("new-"):
            assert (row.verdict, row.nearest_reference_id) == (Verdict.PLACEHOLDER, later)
            assert row.similarity == pytest.approx(0.999, abs=0.01)
            assert row.reference_set_version == done.result["reference_set_version"]
        elif row.nearest_reference_id == before[key].nearest_reference_id:
            # A larger set leaves each reference a smaller part of the rate, and so another reach.
            assert (row.verdict, row.similarity) == (before[key].verdict, before[key].similarity)
    changed = sum(after[key] != before[key] for key in after)
    assert history(database) == said_before + changed == said_before + done.result["written"]
    with database.reading() as session:
        said = session.scalars(select(Score).where(Score.run_id == done.id)).all()
    assert len(said) == changed
    again = run()
    assert (again.result["changed"], again.result["written"]) == (0, 0)
    assert rows() == after


def test_what_it_turned_over_is_listed_in_pages(database: Database, later: int, run) -> None:
    done = run()
    with database.reading() as session:
        assert count_flips(session, done.id) == 2
        whole = list(find_changes(session, done.id))
        pages = [list(find_changes(session, done.id, limit=1, offset=place)) for place in range(3)]
    assert sorted(row.key for row in whole) == ["new-0", "new-1"]
    assert all(row.is_flip and row.was_written for row in whole)
    assert [row for page in pages for row in page] == whole
    assert pages[2] == []


def test_a_page_of_a_million_changes_sorts_none_of_them(database: Database, ask) -> None:
    run_id = ask()
    with database.transaction() as session:
        new = [NewUpload(f"photo {n}", f"/x/{n}") for n in range(3_000)]
        ids = add_uploads(session, new, Lane.BULK).ids
        changed = {"run_id": run_id, "judged_at": clock.now(session), "needs_review": False}
        session.execute(
            insert(RunChange),
            [
                changed
                | {
                    "upload_id": upload_id,
                    "was_placeholder": False,
                    "is_placeholder": True,
                    "similarity": (n * 7 % 3_000) / 3_000 if n % 5 else None,
                }
                for n, upload_id in enumerate(ids)
            ],
        )
        session.execute(text("ANALYZE"))
    asked: list[tuple[str, object]] = []

    def note(connection, cursor, statement, parameters, *rest) -> None:
        asked.append((statement, parameters))

    with database.reading() as session:
        event.listen(database.engine, "before_cursor_execute", note)
        page = list(find_changes(session, run_id, limit=24, offset=48))
        event.remove(database.engine, "before_cursor_execute", note)
        *_, (statement, parameters) = asked
        explain = (
            "EXPLAIN" if database.engine.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
        )
        plan = session.connection().exec_driver_sql(f"{explain} {statement}", parameters)
        steps = "\n".join(str(row) for row in plan)
        whole = list(find_changes(session, run_id))
    assert page == whole[48:72]
    order = [(row.similarity is None, -(row.similarity or 0), row.upload_id) for row in whole]
    assert order == sorted(order)
    assert "ix_run_changes_flipped" in steps
    assert "Sort" not in steps
    assert "ORDER BY" not in steps


def test_a_dry_run_tells_all_and_writes_no_verdict(
    database: Database, later: int, run, rows
) -> None:
    before = rows()
    done = run(dry_run=True)
    assert rows() == before
    assert done.result["to_placeholder"] == 2
    assert done.result["written"] == 0
    with database.reading() as session:
        flipped = select(RunChange).where(RunChange.was_placeholder != RunChange.is_placeholder)
        assert len(session.scalars(flipped).all()) == 2


def test_a_run_that_turns_too_much_over_changes_nothing_until_somebody_says_yes(
    database: Database, settings: Settings, small: Settings, later: int, ask, rows, app, model
) -> None:
    strict = small.model_copy(update={"rescore_guard": 0.05})
    rescoring = rescoring_of(database, strict, app)
    before = rows()
    run_id = ask()
    held = drain(rescoring, database, run_id)
    assert held.state is RunState.PAUSED
    assert "2 of 23 verdicts (8.7%)" in held.progress["question"]
    assert rows() == before
    assert rescoring.step(run_id) == 0
    with database.transaction() as session:
        runs.resume(session, run_id)
    done = drain(rescoring, database, run_id)
    assert done.state is RunState.DONE
    assert rows()["new-0"].verdict == Verdict.PLACEHOLDER
    assert "question" not in done.progress


def test_yes_beforehand_is_not_asked_again(
    database: Database, small: Settings, later: int, ask, rows, app, model
) -> None:
    strict = small.model_copy(update={"rescore_guard": 0.0})
    rescoring = rescoring_of(database, strict, app)
    done = drain(rescoring, database, ask(yes=True))
    assert (done.state, done.result["to_placeholder"]) == (RunState.DONE, 2)


def test_a_reference_that_suddenly_matches_far_more_is_held_for_review(
    database: Database, small: Settings, later: int, ask, rows, app, model
) -> None:
    wary = small.model_copy(update={"quarantine_minimum": 1})
    rescoring = rescoring_of(database, wary, app)
    before = rows()
    done = drain(rescoring, database, ask())
    after = rows()
    assert list(done.result["quarantined"]) == [str(later)]
    assert done.result["held"] == 2
    for key in ("new-0", "new-1"):
        row = after[key]
        assert (row.verdict, row.needs_review) == (Verdict.REAL, True)
        assert row.reason == held_as_sudden(later)
        assert row.similarity == before[key].similarity
    said = history(database)
    again = drain(rescoring, database, ask())
    assert again.result["held"] == 0
    assert history(database) == said
    trusted = drain(rescoring, database, ask(trusted=(later,)))
    assert trusted.result["to_placeholder"] == 2
    row = rows()["new-0"]
    assert (row.verdict, row.reason) == (Verdict.PLACEHOLDER, None)


def test_what_a_reference_in_quarantine_flagged_is_held_until_it_is_restored(
    database: Database, later: int, run, rows
) -> None:
    run()
    with database.transaction() as session:
        references.quarantine(session, [later])
    done = run()
    assert done.result["to_real"] == 2
    row = rows()["new-0"]
    assert (row.verdict, row.needs_review) == (Verdict.REAL, True)
    assert row.nearest_reference_id == later
    quarantined = ReasonParameters(reference_id=later)
    assert row.reason == Reason(ReasonCode.REFERENCE_QUARANTINED, quarantined)
    # Held once is enough: nothing new is said of it every night.
    assert run().result["changed"] == 0
    with database.transaction() as session:
        references.restore(session, [later])
    assert run().result["to_placeholder"] == 2
    row = rows()["new-0"]
    assert (row.verdict, row.reason) == (Verdict.PLACEHOLDER, None)


def test_however_many_it_holds_few_statements_keep_them(
    database: Database,
    settings: Settings,
    later: int,
    seed: Seed,
    reference_vector,
    ask,
    rows,
    app,
    model,
) -> None:
    wanted = reference_vector(later)
    seed({f"many-{n}": near(wanted, 0.999, 1_000 + n) for n in range(200)})
    logo = sha256(b"known").hexdigest()
    with database.transaction() as session:
        references.quarantine(session, [later])
        allow_list.add(session, [NewAllowedPicture(logo, "logo", "наш")])
    rescoring = rescoring_of(database, settings, app)
    run_id = ask(yes=True)
    statements: list[str] = []

    def note(connection, cursor, statement, *rest) -> None:
        statements.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    done = drain(rescoring, database, run_id)
    event.remove(database.engine, "before_cursor_execute", note)
    assert done.result["to_real"] == 201
    assert len(statements) < 200
    with database.reading() as session:
        found = session.execute(select(RunChange.upload_id, RunChange.reason)).all()
    after = rows()
    kept = {row.upload_id: row.reason for row in found}
    assert {row.id: row.reason for row in after.values() if row.id in kept} == kept
    held = {after[f"many-{n}"].reason for n in range(200)}
    assert held == {Reason(ReasonCode.REFERENCE_QUARANTINED, ReasonParameters(reference_id=later))}
    assert after["known"].reason.parameters.text == "наш"


def test_a_moved_threshold_needs_no_picture(
    database: Database, later: int, run, rows, rescoring: Rescoring
) -> None:
    run()
    with database.transaction() as session:
        references.retire(session, [later])
    done = run()
    assert done.result["to_real"] == 2
    assert rows()["new-1"].verdict == Verdict.REAL
    assert rows()["new-1"].nearest_reference_id != later


def test_an_empty_set_and_an_empty_table(database: Database, later: int, run, rows) -> None:
    with database.transaction() as session:
        references.retire(session, [row.id for row in references.list_all(session)])
    done = run(yes=True)
    assert done.result["to_real"] == 1
    assert {row.similarity for row in rows().values()} == {None}
    with database.transaction() as session:
        session.execute(delete(Score))
        session.execute(delete(Upload))
    empty = run()
    assert (empty.state, empty.result["compared"]) == (RunState.DONE, 0)


def test_filters_choose_and_moderators_words_stay(
    database: Database, later: int, run, rows
) -> None:
    with database.transaction() as session:
        session.execute(update(Upload).where(Upload.key == "new-1").values(reviewed=Verdict.REAL))
    done = run(filters=ResultFilter(key_prefix="new-"), yes=True)
    assert (done.result["compared"], done.result["decided"]) == (2, 1)
    after = rows()
    assert (after["new-1"].verdict, after["new-1"].reviewed) == (Verdict.REAL, Verdict.REAL)
    assert after["new-0"].verdict == Verdict.PLACEHOLDER
    assert run(filters=ResultFilter(verdict=Verdict.PLACEHOLDER)).result["compared"] == 2
    assert run(filters=ResultFilter(model_version="none")).result["compared"] == 0


def test_failures_of_a_code_are_queued_again_on_the_bulk_lane(
    database: Database, later: int, run, app: Celery, upload, settings: Settings
) -> None:
    (failed,) = upload(gone=None)
    with database.transaction() as session:
        token = claims.claim(session, [failed], 60).token
        outcome = Failed(failed, None, FailureCode.MISSING, "gone")
        record_outcomes(session, token, [], [outcome], "", 0)
        session.execute(update(Upload).where(Upload.id == failed).values(lane=Lane.INTERACTIVE))
    dry = run(filters=ResultFilter(failure=FailureCode.MISSING), dry_run=True)
    assert dry.result["queued_again"] == 0
    done = run(filters=ResultFilter(failure=FailureCode.MISSING))
    assert done.result["queued_again"] == 1
    assert waiting(app, "bulk") == 1
    with database.reading() as session:
        row = session.get(Upload, failed)
        assert (row.state, row.lane) == (UploadState.QUEUED, Lane.BULK)


def test_pictures_are_read_where_the_network_has_not_seen_them(
    database: Database,
    run,
    rows,
    rescoring: Rescoring,
    upload,
    add_reference,
    placeholder,
    noise,
    small: Settings,
    model: str,
    pictures,
) -> None:

    add_reference(placeholder(1))
    ids = upload(a=placeholder(1), b=noise(1), c=noise(2), gone=noise(3), other=noise(4))
    pipeline_of(database, small).score_chunk(ids)
    before = rows()
    with database.transaction() as session:
        digests = select(Upload.digest)
        session.execute(delete(Embedding).where(Embedding.digest.in_(digests)))
    (pictures / "gone").unlink()
    (pictures / "other").write_bytes(noise(5))
    done = run()
    # The file of `a` is the reference's too.
    assert done.result["embedded"] == 3
    assert done.result["failures"] == {"missing": 1}
    assert (done.result["replaced"], done.result["compared"]) == (1, 3)
    assert done.result["changed"] == 0
    after = rows()
    assert {key: row for key, row in after.items() if key != "other"} == {
        key: row for key, row in before.items() if key != "other"
    }
    # It is judged by the bytes that lie there now, and until then its verdict stays.
    assert (after["other"].state, after["other"].verdict) == (UploadState.QUEUED, Verdict.REAL)
    pipeline_of(database, small).score_chunk(ids)
    with database.reading() as session:
        assert session.get_one(Upload, ids[-1]).digest == sha256(noise(5)).hexdigest()
        assert sha256(noise(4)).hexdigest() not in set(session.scalars(select(Embedding.digest)))


def test_a_dry_run_queues_nothing_though_other_bytes_lie_there(
    database: Database, run, rows, upload, noise, small: Settings, model: str, pictures
) -> None:
    ids = upload(other=noise(4))
    pipeline_of(database, small).score_chunk(ids)
    before = rows()
    with database.transaction() as session:
        session.execute(delete(Embedding))
    (pictures / "other").write_bytes(noise(5))
    assert run(dry_run=True).result["replaced"] == 1
    assert rows() == before


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
    acts: list[str], database: Database, collection, seed: Seed, ask, rescoring: Rescoring, rows
) -> None:
    with database.transaction() as session:
        for table in (Score, RunChange, RunChunk, Upload):
            session.execute(delete(table))
        session.execute(delete(runs.holding.Run))
    second, vectors = collection()
    with database.transaction() as session:
        references.retire(session, [second])
    seed(vectors)
    with database.transaction() as session:
        references.restore(session, [second])
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
