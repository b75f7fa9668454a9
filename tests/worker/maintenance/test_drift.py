"""Drift: alarms where something changed, and none where it is chance."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import insert

from nophoto.models.records import references
from nophoto.models.records.database import Database
from nophoto.models.records.tables import Lane, Upload, UploadState
from nophoto.models.vocabulary import FailureCode, Kind, Verdict
from nophoto.worker.maintenance.drift import Figure, look_for_drift, stability_index
from nophoto.worker.versions.shipped import install_shipped, shipped_version

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.fixture
def judged(database: Database):
    """Stores uploads (verdict or failure, score, kind) that came so many days before `NOW`."""
    install_shipped(database)
    with database.reading() as session:
        reference = references.active(session).members[0].id
    version = shipped_version().id

    def row(key: str, at: datetime, came, score, kind) -> dict[str, object]:
        times = {"created_at": at, "updated_at": at, "judged_at": at}
        common = {"key": key, "uri": "/x.jpg", "lane": Lane.BULK} | times
        if isinstance(came, FailureCode):
            failed = {"failure": came, "failure_message": "no"}
            return common | failed | {"state": UploadState.FAILED}
        return common | {
            "state": UploadState.JUDGED,
            "digest": "d" * 64,
            "verdict": came,
            "score": score,
            "kind": kind,
            "similarity": 0.5,
            "nearest_reference_id": reference,
            "model_version_id": version,
            "reference_set_version": 1,
        }

    def add(days: float, rows) -> None:
        at = NOW - timedelta(days=days)
        stored = [row(f"{days} {n}", at, *each) for n, each in enumerate(rows)]
        with database.transaction() as session:
            session.execute(insert(Upload), stored)

    return add


def of(placeholders: float, failures: float = 0.0, *, count: int = 2_000, shift: float = 0.0,
       seed: int = 1):  # fmt: skip
    """So many outcomes with these shares."""
    random = np.random.default_rng(seed)
    rows = []
    for place in range(count):
        if place < failures * count:
            rows.append((FailureCode.FORBIDDEN, None, None))
        elif place < (failures + placeholders) * count:
            rows.append((Verdict.PLACEHOLDER, 0.1, Kind.PERSON))
        else:
            rows.append((Verdict.REAL, -0.3 + shift + random.normal() / 10, Kind.NOTICE))
    return rows


def test_from_three_to_nine_percent_is_an_alarm_with_reason_and_examples(database, judged) -> None:
    judged(4, of(0.03))
    judged(0.5, of(0.09, seed=2))
    (alarm,) = [each for each in look_for_drift(database, NOW) if each.is_alarm]
    assert (alarm.figure, alarm.before, alarm.now) == (Figure.PLACEHOLDERS, 0.03, 0.09)
    assert alarm.reason == "the share of placeholders went from 3.00% to 9.00%"
    with database.reading() as session:
        shown = [session.get_one(Upload, upload_id) for upload_id in alarm.examples]
    assert len(shown) == 5
    assert {(row.verdict, row.kind) for row in shown} == {(Verdict.PLACEHOLDER, Kind.PERSON)}


@pytest.mark.parametrize(
    ("before", "now"), [(0.03, 0.045), (0.0005, 0.002), (0.3, 0.36), (0.03, 0.03)]
)
def test_smaller_changes_of_the_share_are_none(database, judged, before, now) -> None:
    judged(4, of(before))
    judged(0.5, of(now, seed=2))
    assert not [each for each in look_for_drift(database, NOW) if each.is_alarm]


def test_a_fall_is_an_alarm_as_well(database, judged) -> None:
    judged(4, of(0.09))
    judged(0.5, of(0.02, seed=2))
    (alarm,) = [each for each in look_for_drift(database, NOW) if each.is_alarm]
    assert alarm.figure is Figure.PLACEHOLDERS


def test_new_failures_and_other_scores_are_named(database, judged) -> None:
    judged(4, of(0.03))
    judged(0.5, of(0.03, failures=0.05, shift=0.15, seed=2))
    alarms = {each.figure: each for each in look_for_drift(database, NOW) if each.is_alarm}
    assert set(alarms) == {Figure.FAILURES, Figure.SCORE}
    assert alarms[Figure.FAILURES].name == "forbidden"
    assert alarms[Figure.SCORE].name == "notice"
    assert "kind notice" in alarms[Figure.SCORE].reason
    assert alarms[Figure.SCORE].now > alarms[Figure.SCORE].before


def test_too_few_uploads_say_nothing(database, judged) -> None:
    judged(4, of(0.0, count=150))
    judged(0.5, of(0.9, count=150))
    assert look_for_drift(database, NOW) == []


def test_many_uploads_are_sampled_over_the_whole_period(database, judged) -> None:
    judged(6, of(0.0, count=15_000))
    judged(3, of(0.2, count=15_000))
    judged(0.5, of(0.1))
    (share,) = [e for e in look_for_drift(database, NOW) if e.figure is Figure.PLACEHOLDERS]
    assert share.before == pytest.approx(0.1, abs=0.01)


def test_samples_of_one_distribution_are_stable_whatever_their_size() -> None:
    random = np.random.default_rng(1)
    for size in (200, 1_000, 20_000):
        indices = [
            stability_index(random.normal(size=size), random.normal(size=300)) for _ in range(100)
        ]
        assert max(indices) < 0.15
    assert stability_index(random.normal(size=500), random.normal(1, size=500)) > 0.25
    assert stability_index([0.1] * 300, [0.1] * 300) == 0.0
