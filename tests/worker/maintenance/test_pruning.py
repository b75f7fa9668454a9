from datetime import timedelta

import numpy as np
import pytest
from celery import Celery
from sqlalchemy import func, select, update

from nophoto.models.records import clock, references, runs
from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle import pruning
from nophoto.models.records.lifecycle.uploads import NewUpload, add_uploads
from nophoto.models.records.references import NewReference
from nophoto.models.records.scoring import embeddings
from nophoto.models.records.tables import (
    Embedding,
    Lane,
    Run,
    RunChange,
    RunChunk,
    RunKind,
    Score,
)
from nophoto.models.records.versions import model_versions
from nophoto.models.vocabulary import Verdict
from nophoto.worker.broker.app import create_app
from nophoto.worker.context import WorkerContext
from nophoto.worker.maintenance.pruning import prune
from nophoto.worker.settings import Settings
from nophoto.worker.tasks.uploads import register

P, R = Verdict.PLACEHOLDER, Verdict.REAL


@pytest.fixture
def said(database: Database, model: str):
    """Stores scores of an upload, (days ago, verdict), the first first."""

    def said(key: str, *scores: tuple[float, Verdict]) -> int:
        with database.transaction() as session:
            (upload,) = add_uploads(session, [NewUpload(key, f"/{key}")], Lane.BULK).ids
            now = clock.now(session)
            for days, verdict in scores:
                session.add(
                    Score(
                        upload_id=upload,
                        at=now - timedelta(days=days),
                        verdict=verdict,
                        needs_review=False,
                        model_version_id=model,
                        reference_set_version=0,
                    )
                )
        return upload

    return said


def left(database: Database, upload: int) -> list[Verdict]:
    with database.reading() as session:
        query = select(Score.verdict).where(Score.upload_id == upload).order_by(Score.id)
        return list(session.scalars(query))


def test_of_old_history_what_changed_and_what_stands_is_kept(
    database: Database, settings: Settings, said
) -> None:
    a = said("a", (200, R), (190, R), (180, R), (170, P), (160, P), (150, R), (140, R))
    b = said("b", (200, P))
    c = said("c", (200, R), (50, R), (40, R))
    dry = prune(database, settings, dry_run=True)
    assert (dry.scores, len(left(database, a))) == (3, 7)
    done = prune(database, settings)
    assert (done.scores, done.is_done) == (3, True)
    assert left(database, a) == [R, P, R, R]
    assert left(database, b) == [P]
    assert left(database, c) == [R, R, R]
    assert prune(database, settings).scores == 0


def test_embeddings_of_retired_versions_go_and_those_of_a_rollback_stay(
    database: Database, settings: Settings, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruning, "ROWS_AT_ONCE", 3)
    with database.transaction() as session:
        row = model_versions.active(session)
        names = model_versions.NewModelVersion.__dataclass_fields__
        new = {name: getattr(row, name) for name in names}
        added = references.add(session, [NewReference("one", b"one")]).added
        for version in ("second-00000000", "third-00000000", "fourth-00000000"):
            model_versions.register(
                session, model_versions.NewModelVersion(**new | {"id": version})
            )
        for version in ("second-00000000", "third-00000000"):
            model_versions.activate(session, version)
        vectors = {f"{n:064x}": np.ones(4) for n in range(10)} | {added[0].digest: np.ones(4)}
        for version in (model, "second-00000000", "third-00000000", "fourth-00000000"):
            embeddings.remember(session, version, vectors)
    assert prune(database, settings, dry_run=True).embeddings == 10
    assert prune(database, settings).embeddings == 10
    with database.reading() as session:
        query = select(Embedding.model_version_id, func.count()).group_by(
            Embedding.model_version_id
        )
        assert dict(session.execute(query).all()) == {
            model: 1,
            "second-00000000": 11,
            "third-00000000": 11,
            "fourth-00000000": 11,
        }


def test_what_old_runs_found_is_forgotten_and_their_results_stay(
    database: Database, settings: Settings
) -> None:
    with database.transaction() as session:
        now = clock.now(session)
        for days in (100, 1):
            run = runs.request(session, RunKind.RESCORE, {})
            session.add(RunChunk(run_id=run, number=0, first_id=1, last_id=2))
            session.add(
                RunChange(
                    run_id=run,
                    upload_id=1,
                    judged_at=now,
                    was_placeholder=False,
                    is_placeholder=True,
                    needs_review=False,
                )
            )
            runs.finish(session, runs.claim(session, run, 60).token, {"compared": 1})
            at = now - timedelta(days=days)
            session.execute(update(Run).where(Run.id == run).values(finished_at=at))
    assert prune(database, settings).changes == 1
    with database.reading() as session:
        assert session.scalars(select(RunChange.run_id)).all() == [2]
        assert session.scalars(select(RunChunk.run_id)).all() == [2]
        assert runs.get(session, 1).result == {"compared": 1}


def test_where_it_takes_long_the_task_sends_for_the_rest(
    database: Database, settings: Settings, said, monkeypatch: pytest.MonkeyPatch, broker_url: str
) -> None:
    from nophoto.worker.broker.publisher import waiting

    monkeypatch.setattr(pruning, "UPLOADS_AT_ONCE", 1)
    ids = [said(key, (200, R), (190, R), (180, R)) for key in "abc"]
    app: Celery = create_app(settings)
    register(app, WorkerContext(settings))
    monkeypatch.setattr("nophoto.worker.tasks.runs._PRUNED_FOR", 0.0)
    app.tasks["nophoto.prune"]()
    assert waiting(app, "bulk") == 1
    monkeypatch.setattr("nophoto.worker.tasks.runs._PRUNED_FOR", 60.0)
    app.tasks["nophoto.prune"](ids[0])
    assert [len(left(database, upload)) for upload in ids] == [3, 2, 2]
    app.tasks["nophoto.prune"]("x")
    assert waiting(app, "bulk") == 1
