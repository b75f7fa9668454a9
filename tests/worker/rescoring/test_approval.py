"""A rescoring that changes much: tried dry, asked for, held in quarantine."""

from hashlib import sha256

from sqlalchemy import event, select

from nophoto.models.reasons import Reason, ReasonCode, ReasonParameters, held_as_sudden
from nophoto.models.records import references, runs
from nophoto.models.records.database import Database
from nophoto.models.records.matching import allow_list
from nophoto.models.records.matching.allow_list import NewAllowedPicture
from nophoto.models.records.tables import RunChange, RunState
from nophoto.models.vocabulary import Verdict
from nophoto.worker.settings import Settings
from tests.parts import rescoring_of
from tests.worker.rescoring.steps import Seed, drain, history, near


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
