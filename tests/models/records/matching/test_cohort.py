"""The platform's part of the cohort: which uploads come into the sample, and which leave it."""

from collections import Counter
from collections.abc import Callable
from random import Random

import numpy as np
import pytest
from sqlalchemy import delete, select, update

from nophoto.models.reasons import Reason, ReasonCode
from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle.uploads import NewUpload, add_uploads
from nophoto.models.records.matching import cohort
from nophoto.models.records.matching.cohort import Refresh
from nophoto.models.records.outcomes.recent import recent_uploads
from nophoto.models.records.review import reviews
from nophoto.models.records.scoring import claims, embeddings
from nophoto.models.records.scoring.outcomes import Judged, record_outcomes
from nophoto.models.records.tables import CohortPicture, Lane, Score, Upload
from nophoto.models.records.versions.model_versions import NewModelVersion
from nophoto.models.vocabulary import Verdict

Add = Callable[..., list[int]]


def digest(number: int) -> str:
    return f"{number:064x}"


@pytest.fixture
def judged(database: Database, model: NewModelVersion) -> Add:
    """Has pictures of these numbers judged, with an embedding each; gives the uploads' ids."""

    def add(*numbers: int, verdict: Verdict = Verdict.REAL, review=False, reason=None) -> list[int]:
        with database.transaction() as session:
            before = len(session.scalars(select(Upload.id)).all())
            items = [NewUpload(f"{before + n}", "/x") for n in range(len(numbers))]
            ids = add_uploads(session, items, Lane.BULK).ids
            token = claims.claim(session, ids, 60).token
            vectors = {
                digest(number): np.random.default_rng(number).normal(size=model.dimension)
                for number in numbers
            }
            embeddings.remember(
                session, model.id, {d: v / np.linalg.norm(v) for d, v in vectors.items()}
            )
            outcomes = [
                Judged(upload, digest(number), verdict, review, None, None, reason)
                for upload, number in zip(ids, numbers, strict=True)
            ]
            record_outcomes(session, token, outcomes, [], model.id, 0)
        return ids

    return add


def refresh(database: Database, model: NewModelVersion, size: int = 10, seed: int = 0) -> Refresh:
    with database.transaction() as session:
        return cohort.refresh(session, model.id, Random(seed), size=size)


def members(database: Database) -> set[int]:
    with database.reading() as session:
        return {int(found, 16) for found in session.scalars(select(CohortPicture.digest))}


def test_only_what_is_real_beyond_doubt_comes_in_and_the_same_bytes_once(
    database: Database, model: NewModelVersion, judged: Add
) -> None:
    judged(1, 2, 2)
    judged(3, verdict=Verdict.PLACEHOLDER)
    judged(4, review=True)
    judged(5, reason=Reason(ReasonCode.ALLOWED_BYTES))
    (flagged,) = judged(6, verdict=Verdict.PLACEHOLDER)
    with database.transaction() as session:
        reviews.decide(session, [flagged], Verdict.REAL, "ann")
    assert refresh(database, model) == Refresh(added=3, removed=0, size=3)
    assert members(database) == {1, 2, 6}


def test_what_is_no_longer_real_or_no_longer_there_leaves_it(
    database: Database, model: NewModelVersion, judged: Add
) -> None:
    _, second, third = judged(1, 2, 3)
    refresh(database, model)
    with database.transaction() as session:
        reviews.decide(session, [second], Verdict.PLACEHOLDER, "ann")
        session.execute(delete(Score).where(Score.upload_id == third))
        session.execute(delete(Upload).where(Upload.id == third))
    assert refresh(database, model) == Refresh(added=0, removed=2, size=1)
    assert members(database) == {1}


def test_the_sample_is_bounded_and_each_picture_has_the_same_chance(
    database: Database, model: NewModelVersion, judged: Add
) -> None:
    judged(*range(20))
    counted: Counter[int] = Counter()
    for seed in range(60):
        with database.transaction() as session:
            session.execute(delete(CohortPicture))
        assert refresh(database, model, 5, seed).size == 5
        counted.update(members(database))
    # Each is expected in a quarter of 60 samples; by chance none is in fewer than 4.
    assert set(counted) == set(range(20))
    assert min(counted.values()) >= 4


def test_new_pictures_push_old_ones_out_by_rank_alone(
    database: Database, model: NewModelVersion, judged: Add
) -> None:
    judged(*range(10))
    refresh(database, model, 10)
    judged(*range(10, 40))
    done = refresh(database, model, 10, seed=1)
    assert done.size == 10
    assert done.added == done.removed
    assert 3 <= done.added <= 10


def test_too_small_a_sample_counts_for_nothing(
    database: Database, model: NewModelVersion, judged: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged(1, 2, 3)
    done = refresh(database, model)
    with database.reading() as session:
        assert len(cohort.vectors(session, model.id, model.dimension)) == 0
        assert not done.changes_reaches
        monkeypatch.setattr(cohort, "LEAST", 3)
        found = cohort.vectors(session, model.id, model.dimension)
        assert done.changes_reaches
        assert found.shape == (3, model.dimension)
        assert np.linalg.norm(found, axis=1) == pytest.approx(1, abs=1e-2)
        assert len(cohort.vectors(session, "lite0-ffffffff", model.dimension)) == 0


def test_recent_uploads_are_those_that_were_embedded_the_newest_first(
    database: Database, model: NewModelVersion, judged: Add
) -> None:
    ids = judged(1, 2, 1)
    judged(3, verdict=Verdict.PLACEHOLDER)
    with database.transaction() as session:
        session.execute(update(Upload).where(Upload.id == ids[1]).values(digest=digest(99)))
        (found,) = recent_uploads(session, model.id, model.dimension, 100)
    assert found.ids == [ids[2] + 1, ids[2]]
    assert found.is_real.tolist() == [False, True]
    with database.reading() as session:
        (found,) = recent_uploads(session, model.id, model.dimension, 1)
    assert found.ids == [ids[2] + 1]
