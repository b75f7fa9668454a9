"""What a rescoring changes, and the list of it."""

import pytest
from sqlalchemy import event, insert, select, text

from nophoto.models.records import clock
from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle.uploads import NewUpload, add_uploads
from nophoto.models.records.rescoring import count_flips, find_changes
from nophoto.models.records.tables import Lane, RunChange, RunState, Score
from nophoto.models.vocabulary import Verdict
from tests.worker.rescoring.steps import history


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
