"""One picture in two collections gets two verdicts from one embedding."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import func, select

from nophoto.jobs.uploads.erase import erase
from nophoto.models.records import collections, references, runs
from nophoto.models.records.collections import CollectionRow
from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle.uploads import NewUpload, add_uploads
from nophoto.models.records.matching import allow_list
from nophoto.models.records.matching.allow_list import NewAllowedPicture
from nophoto.models.records.outcomes.results import ResultFilter, find
from nophoto.models.records.references import NewReference
from nophoto.models.records.rescoring import RescoreParameters
from nophoto.models.records.tables import Embedding, Lane, RunKind, RunState
from nophoto.models.vision.references import shipped_references
from nophoto.models.vocabulary import Kind, KindMode, Verdict
from nophoto.worker.broker.app import create_app
from nophoto.worker.matching.active_judge import ActiveJudge
from nophoto.worker.settings import Settings
from nophoto.worker.versions.shipped import install_shipped
from tests.parts import DECODERS, pipeline_of, rescoring_of

TILE = shipped_references()[0].data
PLACEHOLDER, REAL = Verdict.PLACEHOLDER, Verdict.REAL


@pytest.fixture
def installed(database: Database) -> Database:
    install_shipped(database)
    return database


def add(database: Database, name: str, **values: object) -> None:
    with database.transaction() as session:
        collections.add(session, CollectionRow(name, **values), by="ann")  # type: ignore[arg-type]


@pytest.fixture
def judged(installed: Database, settings: Settings, pictures: Path) -> Callable[..., dict]:
    """Enqueues the same bytes in some collections and judges them; verdicts by collection."""
    clock = [0.0]
    judge = ActiveJudge(installed, settings, DECODERS, lambda: clock[0])
    count = [0]

    def judged(data: bytes, *names: str) -> dict[str, Verdict]:
        count[0] += 1
        clock[0] += 60
        file = pictures / f"{count[0]}.png"
        file.write_bytes(data)
        sent = [NewUpload(f"{name} {count[0]}", str(file), collection=name) for name in names]
        with installed.transaction() as session:
            ids = add_uploads(session, sent, Lane.BULK).ids
        pipeline_of(installed, settings, judge).score_chunk(ids)
        with installed.reading() as session:
            found = find(session, ResultFilter())
            return {row.collection: row.verdict for row in found if row.id in ids}

    judged.judge = judge  # type: ignore[attr-defined]
    return judged


def test_kinds_are_off_in_one_collection_alone(installed: Database, judged) -> None:
    with installed.reading() as session:
        kind = references.active(session).members[0].kind
    everything = dict.fromkeys(Kind, KindMode.OFF)
    add(installed, "all-off", kinds=everything)
    add(installed, "same")
    assert judged(TILE, "default", "all-off", "same") == {
        "default": PLACEHOLDER,
        "all-off": REAL,
        "same": PLACEHOLDER,
    }
    with installed.reading() as session:
        # One embedding for three uploads.
        members = {member.digest for member in references.active(session).all_members}
        digest = next(row for row in find(session)).key
        assert digest
        new = session.scalar(
            select(func.count()).select_from(Embedding).where(Embedding.digest.not_in(members))
        )
        assert new == 0
    assert kind
    # A collection that is judged as the others are has no judge of its own.
    assert list(judged.judge.current().collections) == ["all-off"]


def test_the_rate_moves_the_reaches_of_one_collection(installed: Database, judged) -> None:
    add(installed, "strict", false_positive_rate=0.0)
    add(installed, "loose", false_positive_rate=0.05)
    judge = judged.judge.current()
    strict, loose = judge.of("strict").matcher.calibration, judge.of("loose").matcher.calibration
    common = judge.matcher.calibration
    assert np.median(loose.reaches) < np.median(common.reaches) < np.median(strict.reaches)
    assert judge.of("nobody's") is judge


def test_references_and_allowed_pictures_of_one_collection(
    installed: Database, judged, noise: Callable[[int], bytes]
) -> None:
    add(installed, "avatars")
    own, logo = noise(41), TILE
    assert judged(own, "default", "avatars") == {"default": REAL, "avatars": REAL}
    with installed.transaction() as session:
        references.add(session, [NewReference("own", own, collection="avatars")])
    assert judged(own, "default", "avatars") == {"default": REAL, "avatars": PLACEHOLDER}
    digest = shipped_references()[0].digest
    with installed.transaction() as session:
        picture = NewAllowedPicture(digest, "logo", "ours", collection="avatars")
        allow_list.add(session, [picture])
    assert judged(logo, "default", "avatars") == {"default": PLACEHOLDER, "avatars": REAL}


def test_a_review_band_of_its_own(installed: Database, judged) -> None:
    add(installed, "careful", review_low=-2.0, review_high=2.0)
    judge = judged.judge.current()
    assert judge.of("careful").matcher.calibration.band == (-2.0, 2.0)
    assert judge.matcher.calibration.band != (-2.0, 2.0)


def test_reaches_that_rest_on_the_same_are_not_calibrated_again(
    installed: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nophoto.worker.matching import judge as module

    calls = []
    original = module.match
    monkeypatch.setattr(module, "match", lambda *a, **k: calls.append(1) or original(*a, **k))
    clock = [0.0]
    active = ActiveJudge(installed, settings, DECODERS, lambda: clock[0])
    active.current()
    assert len(calls) == 1
    for number in range(4):
        add(installed, f"same-{number}")
    clock[0] += 60
    active.current()
    assert len(calls) == 1
    add(installed, "other", false_positive_rate=0.01)
    clock[0] += 60
    judge = active.current()
    assert len(calls) == 2
    assert judge.of("same-1") is judge


def test_an_upgrade_changes_no_verdict(installed: Database, judged, noise) -> None:
    judge = judged.judge.current()
    assert judge.collections == {}
    assert judge.rules == Settings(_env_file=None).kind_modes or judge.rules.rate == 0.005


def test_a_rescoring_follows_the_settings_of_each_collection(
    installed: Database, settings: Settings, judged, broker_url: str
) -> None:
    add(installed, "avatars")
    assert judged(TILE, "default", "avatars") == {"default": PLACEHOLDER, "avatars": PLACEHOLDER}
    with installed.transaction() as session:
        before = collections.get(session, "avatars")
        off = dict.fromkeys(Kind, KindMode.OFF)
        collections.change(session, replace(before, kinds=off), by="ann")

    def rescore(**filters: str) -> dict[str, int]:
        rescoring = rescoring_of(installed, settings, create_app(settings))
        parameters = RescoreParameters(ResultFilter(**filters), yes=True)  # type: ignore[arg-type]
        with installed.transaction() as session:
            run_id = runs.request(session, RunKind.RESCORE, parameters.as_dict(), "ann")
        for _ in range(60):
            rescoring.step(run_id)
            with installed.reading() as session:
                run = runs.get(session, run_id)
            if run.state == RunState.DONE:
                return dict(run.result or {})
        raise AssertionError(run)

    assert rescore(collection="default")["changed"] == 0
    done = rescore()
    assert (done["compared"], done["to_real"], done["to_placeholder"]) == (2, 1, 0)
    with installed.reading() as session:
        assert {row.collection: row.verdict for row in find(session)} == {
            "default": PLACEHOLDER,
            "avatars": REAL,
        }
        assert session.scalar(select(func.count()).select_from(Embedding))


def test_erasing_in_one_collection_keeps_the_embedding_for_the_other(
    installed: Database, settings: Settings, judged, noise
) -> None:
    add(installed, "avatars")
    judged(noise(43), "default", "avatars")
    with installed.reading() as session:
        keys = {row.collection: row.key for row in find(session)}
        count = session.scalar(select(func.count()).select_from(Embedding))
    erase(installed, settings, [keys["avatars"]], by="ann")
    with installed.reading() as session:
        assert session.scalar(select(func.count()).select_from(Embedding)) == count
    erase(installed, settings, [keys["default"]], by="ann")
    with installed.reading() as session:
        assert session.scalar(select(func.count()).select_from(Embedding)) == count - 1
    shutil.rmtree(settings.home_folder, ignore_errors=True)
