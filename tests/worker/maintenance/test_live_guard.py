"""A reference that suddenly claims far more than it did is quarantined while it happens."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from nophoto.models.reasons import Reason, ReasonCode, ReasonParameters
from nophoto.models.records import clock, references, runs
from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle.uploads import NewUpload, add_uploads
from nophoto.models.records.matching.live_guard import LEAST_HISTORY
from nophoto.models.records.outcomes import results
from nophoto.models.records.outcomes.results import ResultRow
from nophoto.models.records.tables import Lane, ReferenceState, RunKind, Upload, UploadState
from nophoto.models.vocabulary import Verdict
from nophoto.worker.broker.app import create_app
from nophoto.worker.maintenance.live_guard import GUARD
from nophoto.worker.maintenance.sweeper import sweep
from nophoto.worker.matching.active_judge import CHECKED_EVERY, ActiveJudge
from nophoto.worker.scoring.pipeline import Pipeline
from nophoto.worker.settings import Settings
from tests.parts import DECODERS, pipeline_of

MINIMUM = 20


@pytest.fixture
def guarded(settings: Settings) -> Settings:
    return settings.model_copy(update={"quarantine_minimum": MINIMUM, "chunk_size": 1_000})


@pytest.fixture
def seconds() -> list[float]:
    return [0.0]


@pytest.fixture
def pipeline(database: Database, guarded: Settings, model: str, seconds: list[float]) -> Pipeline:
    judge = ActiveJudge(database, guarded, DECODERS, lambda: seconds[0])
    return pipeline_of(database, guarded, judge)


@pytest.fixture
def score(database: Database, pipeline: Pipeline, pictures, seconds) -> Callable[..., list[int]]:
    """Has so many uploads of one file judged, by whatever judges now."""

    def score(name: str, data: bytes, count: int) -> list[int]:
        (pictures / name).write_bytes(data)
        items = [NewUpload(f"{name} {n}", str(pictures / name)) for n in range(count)]
        with database.transaction() as session:
            ids = add_uploads(session, items, Lane.BULK).ids
        seconds[0] += CHECKED_EVERY
        for start in range(0, count, 500):
            pipeline.score_chunk(ids[start : start + 500])
        return ids

    return score


def history(database: Database, score, noise, count: int = LEAST_HISTORY) -> None:
    score("history", noise(1), count)
    with database.transaction() as session:
        past = clock.now(session) - timedelta(hours=1)
        session.execute(update(Upload).values(judged_at=past))


def rows(database: Database, name: str) -> list[ResultRow]:
    with database.reading() as session:
        return [row for row in results.find(session) if row.key.startswith(name)]


def state(database: Database, reference_id: int) -> tuple[ReferenceState, str]:
    with database.reading() as session:
        row = next(row for row in references.list_all(session) if row.id == reference_id)
    return row.state, row.changed_by


def test_it_is_quarantined_and_its_matches_are_held_for_review(
    database, guarded, score, noise, placeholder, add_reference, pipeline, seconds
) -> None:
    history(database, score, noise)
    bad = add_reference(placeholder(1))
    ids = score("flood", placeholder(1), MINIMUM + 1)
    assert {row.verdict for row in rows(database, "flood")} == {Verdict.PLACEHOLDER}

    sweep(database, create_app(guarded), guarded)
    assert state(database, bad) == (ReferenceState.QUARANTINED, GUARD)
    with database.reading() as session:
        queued = session.scalars(select(Upload.id).where(Upload.state == UploadState.QUEUED)).all()
    assert sorted(queued) == sorted(ids)

    seconds[0] += CHECKED_EVERY
    pipeline.score_chunk(ids)
    for row in rows(database, "flood"):
        assert (row.verdict, row.needs_review) == (Verdict.REAL, True)
        assert row.reason == Reason(
            ReasonCode.REFERENCE_QUARANTINED, ReasonParameters(reference_id=bad)
        )


def test_a_person_who_restores_it_is_believed(
    database, guarded, score, noise, placeholder, add_reference
) -> None:
    history(database, score, noise)
    good = add_reference(placeholder(1))
    score("flood", placeholder(1), MINIMUM + 1)
    sweep(database, create_app(guarded), guarded)
    with database.transaction() as session:
        references.restore(session, [good], by="ann")
    score("more", placeholder(1), MINIMUM + 1)
    sweep(database, create_app(guarded), guarded)
    assert state(database, good) == (ReferenceState.ACTIVE, "ann")


@pytest.mark.parametrize("case", ["few", "usual", "no history", "a rescoring writes"])
def test_what_is_usual_or_cannot_be_told_stays(
    database, guarded, score, noise, placeholder, add_reference, case: str
) -> None:
    reference = add_reference(placeholder(1))
    if case == "usual":
        score("before", placeholder(1), 300)
    history(database, score, noise, 10 if case == "no history" else LEAST_HISTORY)
    score("flood", placeholder(1), MINIMUM if case == "few" else MINIMUM + 1)
    if case == "a rescoring writes":
        with database.transaction() as session:
            runs.claim(session, runs.request(session, RunKind.RESCORE, {}), 60)
    sweep(database, create_app(guarded), guarded)
    assert state(database, reference)[0] == ReferenceState.ACTIVE
