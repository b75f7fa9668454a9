from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nophoto.models.vision.similarity import Judgement, judge, nearest_references
from nophoto.models.vision.versions import ModelVersion, write_manifest
from nophoto.models.vocabulary import Verdict


@pytest.fixture
def version(tmp_path: Path) -> ModelVersion:
    return write_manifest(
        tmp_path,
        "lite0",
        backbone="efficientnet-lite0",
        input_size=224,
        dimension=2,
        threshold=0.5,
        review_low=0.25,
        review_high=0.75,
        metrics={},
    )


def towards(*cosines: float) -> np.ndarray:
    """Vectors of length 1 whose first component is the cosine with the first axis."""
    return np.array([[c, np.sqrt(1 - c * c)] for c in cosines], np.float32)


FIRST_AXIS = np.array([[1.0, 0.0]], np.float32)


@pytest.mark.parametrize(
    ("similarity", "verdict", "review"),
    [
        (-1.0, Verdict.REAL, False),
        (0.2, Verdict.REAL, False),
        (0.25, Verdict.REAL, True),
        (0.4, Verdict.REAL, True),
        (0.5, Verdict.PLACEHOLDER, True),
        (0.75, Verdict.PLACEHOLDER, True),
        (0.8, Verdict.PLACEHOLDER, False),
        (1.0, Verdict.PLACEHOLDER, False),
    ],
)
def test_the_threshold_belongs_to_placeholders_and_the_band_holds_its_ends(
    version: ModelVersion, similarity: float, verdict: Verdict, review: bool
) -> None:
    assert judge(towards(similarity), FIRST_AXIS, version) == [
        Judgement(verdict, review, similarity=pytest.approx(similarity), nearest=0)
    ]


def test_with_no_reference_everything_is_real(version: ModelVersion) -> None:
    empty = np.empty((0, 2), np.float32)
    assert (
        judge(towards(1.0, 0.0), empty, version) == [Judgement(Verdict.REAL, False, None, None)] * 2
    )


def test_no_picture_gets_no_judgement(version: ModelVersion) -> None:
    assert judge(np.empty((0, 2), np.float32), FIRST_AXIS, version) == []


def test_a_judgement_holds_plain_numbers(version: ModelVersion) -> None:
    [judgement] = judge(towards(0.6).astype(np.float16), FIRST_AXIS, version)
    assert type(judgement.similarity) is float
    assert type(judgement.nearest) is int
    assert type(judgement.needs_review) is bool


def test_rounding_never_makes_a_cosine_above_one() -> None:
    rows = np.full((1, 3), 0.57740, np.float32)
    similarities, _ = nearest_references(rows, rows)
    assert similarities.tolist() == [1.0]


@given(seed=st.integers(0, 2**32 - 1), count=st.integers(1, 40), references=st.integers(1, 40))
def test_the_nearest_is_the_one_that_a_loop_finds(seed: int, count: int, references: int) -> None:
    rng = np.random.default_rng(seed)
    embeddings, matrix = (
        rows / np.linalg.norm(rows, axis=1, keepdims=True)
        for rows in (rng.normal(size=(count, 5)), rng.normal(size=(references, 5)))
    )
    matrix = matrix.astype(np.float32)
    similarities, places = nearest_references(embeddings, matrix)
    for embedding, similarity, place in zip(embeddings, similarities, places, strict=True):
        cosines = [float(embedding @ reference) for reference in matrix]
        assert similarity == pytest.approx(max(cosines), abs=1e-5)
        assert cosines[place] == pytest.approx(max(cosines), abs=1e-5)


@given(seed=st.integers(0, 2**32 - 1), count=st.integers(1, 2_000))
@settings(max_examples=20, deadline=None)
def test_a_judgement_does_not_depend_on_what_is_judged_with_it(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    embeddings, matrix = (
        (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float16)
        for rows in (rng.normal(size=(count, 8)), rng.normal(size=(5, 8)))
    )
    together, _ = nearest_references(embeddings, matrix.astype(np.float32))
    for row in rng.integers(0, count, 10):
        alone, _ = nearest_references(embeddings[row : row + 1], matrix.astype(np.float32))
        assert alone[0] == together[row]
