"""Reaches: by hand where the numbers are few, by property where they are many."""

from time import perf_counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nophoto.models.vision.matching import (
    COPY_FLOOR,
    KIND_COPY_FLOOR,
    SAME_PICTURE,
    Calibration,
    Exemplars,
    Fallback,
    Rules,
    calibrate,
    copy_reaches,
    match,
    reaches_of,
)
from nophoto.models.vision.matching.sets import lie_among_real
from nophoto.models.vocabulary import Kind, KindMode, ReferenceScope

FALLBACK = Fallback(threshold=0.5, review_low=0.4, review_high=0.6)
CLOSE = pytest.approx


def exemplars(
    vectors: object, scope: ReferenceScope = ReferenceScope.KIND, kind: Kind = Kind.NOTICE
) -> Exemplars:
    rows = np.array(vectors, np.float32)
    return Exemplars(rows, (kind,) * len(rows), (scope,) * len(rows))


def cosines_with_two_axes(*pairs: tuple[float, float]) -> np.ndarray:
    """Unit vectors with these cosines with the first and the second axis."""
    return np.array([[a, b, np.sqrt(1 - a * a - b * b)] for a, b in pairs], np.float32)


AXES = np.eye(3, dtype=np.float32)[:2]
COHORT = cosines_with_two_axes(
    (0.9, 0.0), (0.7, 0.1), (0.5, 0.6), (0.2, 0.3), (0.1, 0.2), (0.0, 0.1), (-0.2, -0.3), (0, 0)
)


def calibrated(rate: float, references: Exemplars | None = None) -> Calibration:
    return calibrate(references or exemplars(AXES), [COHORT], Rules(rate), FALLBACK)


def test_by_hand_a_strict_rate_lets_no_reference_claim_any_of_the_cohort() -> None:
    # One of eight may be claimed, and two references would claim one each.
    found = calibrated(0.125)
    assert found.cap == 0
    assert found.reaches == CLOSE([0.9, 0.6], abs=1e-5)
    assert (found.reaches > [0.9, 0.6]).all()


@pytest.fixture
def whole_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    """One reference may spend all of the rate."""
    monkeypatch.setattr("nophoto.models.vision.matching.cohort_cosines.CAP_SHARE", 1.0)


@pytest.mark.usefixtures("whole_rate")
def test_by_hand_every_reference_spends_the_same_part_of_the_rate() -> None:
    # Two of eight may be claimed: one by each reference, the pictures of 0.9 and of 0.6.
    found = calibrated(0.25)
    assert found.cap == 1 / 8
    assert found.reaches == CLOSE([0.7, 0.3], abs=1e-5)
    # Scores are 0.3, 0.2, 0, 0, -0.1, ...: half the rate is one picture, twice the rate are four.
    assert found.band == CLOSE((-0.1, 0.2), abs=1e-5)


def test_by_hand_a_reference_of_its_copies_lies_above_the_nearest_real_picture() -> None:
    far, near = calibrated(0.25, exemplars([AXES[1], AXES[0]], ReferenceScope.COPIES)).reaches
    assert far == COPY_FLOOR
    assert near == CLOSE(0.9, abs=1e-6)


def test_a_kind_whose_mode_is_copies_is_like_that_too() -> None:
    rules = Rules(0.25, {Kind.CARTOON: KindMode.COPIES})
    cartoons = exemplars(AXES, kind=Kind.CARTOON)
    nearer = np.concatenate([COHORT, cosines_with_two_axes((0.95, 0.0))])
    found = calibrate(cartoons, [nearer], rules, FALLBACK)
    assert found.reaches == CLOSE([0.95, KIND_COPY_FLOOR], abs=1e-6)


def test_a_picture_of_the_cohort_that_is_a_copy_of_a_reference_does_not_raise_its_reach() -> None:
    with_copies = np.concatenate([COHORT, AXES[:1], cosines_with_two_axes((0.985, 0.0))])
    for scope in ReferenceScope:
        alone = calibrate(exemplars(AXES, scope), [COHORT], Rules(0.25), FALLBACK).reaches
        beside = calibrate(exemplars(AXES, scope), [with_copies], Rules(0.25), FALLBACK).reaches
        assert beside == CLOSE(alone)


def test_no_reach_is_so_high_that_a_reference_misses_its_own_picture() -> None:
    near = cosines_with_two_axes((0.979, 0.0))
    for scope in ReferenceScope:
        found = calibrate(exemplars(AXES[:1], scope), [near], Rules(0.1), FALLBACK)
        assert found.reaches[0] <= SAME_PICTURE


def test_a_rate_of_zero_leaves_nothing_but_copies() -> None:
    found = calibrated(0.0)
    assert found.reaches == CLOSE([0.9, KIND_COPY_FLOOR], abs=1e-5)


@pytest.mark.usefixtures("whole_rate")
def test_a_rate_of_one_lets_every_reference_claim_the_whole_cohort() -> None:
    found = calibrated(1.0)
    assert found.cap == 1
    assert found.reaches == CLOSE([-0.2, -0.3], abs=1e-5)


def test_an_empty_cohort_leaves_the_fallback() -> None:
    empty = np.empty((0, 3), np.float32)
    found = calibrate(exemplars(AXES), [empty], Rules(), FALLBACK)
    assert found.reaches.tolist() == [0.5, 0.5]
    assert found.band == CLOSE((-0.1, 0.1))
    others = exemplars(AXES[:1], ReferenceScope.COPIES)
    assert reaches_of(others, [empty], found, Rules()).tolist() == [COPY_FLOOR]
    assert copy_reaches(AXES[:1], [], found.common).tolist() == [COPY_FLOOR]


def test_each_source_of_real_pictures_keeps_the_rate_by_itself() -> None:
    # Of the second source nothing comes near: it may not spend what it lacks on the first.
    far = cosines_with_two_axes(*[(-0.5, -0.5)] * 1_000)
    alone = calibrated(0.25)
    both = calibrate(exemplars(AXES), [COHORT, far], Rules(0.25), FALLBACK)
    assert both.reaches.tolist() == alone.reaches.tolist()
    near = cosines_with_two_axes(*[(0.95, 0.0)] * 4)
    assert calibrate(exemplars(AXES), [COHORT, near], Rules(0.25), FALLBACK).reaches[0] > 0.95


def test_no_reference_at_all_is_calibrated_too() -> None:
    nothing = exemplars(np.empty((0, 3)))
    assert len(calibrate(nothing, [COHORT], Rules(), FALLBACK).reaches) == 0


def directions(rng: np.random.Generator, count: int, dimension: int) -> np.ndarray:
    rows = rng.normal(size=(count, dimension))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.integers(1, 3_000),
    references=st.integers(1, 30),
    rate=st.sampled_from([0.0, 0.001, 0.005, 0.05, 0.3, 1.0]),
)
@settings(max_examples=40)
def test_the_set_keeps_the_rate_and_each_reference_its_cap(
    seed: int, count: int, references: int, rate: float
) -> None:
    rng = np.random.default_rng(seed)
    cohort = directions(rng, count, 6)
    judging = match(exemplars(directions(rng, references, 6)), [cohort], Rules(rate), FALLBACK)
    cosines = judging.claiming.vectors @ cohort.T
    others = cosines < SAME_PICTURE
    claimed = (cosines >= judging.calibration.reaches[:, None]) & others
    assert claimed.any(axis=0).mean() <= rate
    assert claimed.mean(axis=1).max() <= judging.calibration.cap + 1e-9


@given(seed=st.integers(0, 2**32 - 1), rates=st.tuples(st.floats(0, 1), st.floats(0, 1)))
@settings(max_examples=40)
def test_a_higher_rate_lowers_no_picture_s_score(seed: int, rates: tuple[float, float]) -> None:
    rng = np.random.default_rng(seed)
    cohort, references = directions(rng, 400, 4), exemplars(directions(rng, 8, 4))
    low, high = sorted(rates)
    strict = calibrate(references, [cohort], Rules(low), FALLBACK).reaches
    loose = calibrate(references, [cohort], Rules(high), FALLBACK).reaches
    assert (loose <= strict + 1e-9).all()


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=20)
def test_the_same_input_gives_the_same_reaches_in_any_order(seed: int) -> None:
    rng = np.random.default_rng(seed)
    cohort, vectors = directions(rng, 700, 5), directions(rng, 20, 5)
    order = rng.permutation(20)
    first = calibrate(exemplars(vectors), [cohort], Rules(0.02), FALLBACK)
    second = calibrate(exemplars(vectors[order]), [cohort], Rules(0.02), FALLBACK)
    again = calibrate(exemplars(vectors), [cohort], Rules(0.02), FALLBACK)
    assert first.reaches.tolist() == again.reaches.tolist()
    assert second.reaches == CLOSE(first.reaches[order], abs=1e-5)


def test_a_photograph_lies_among_real_pictures_and_a_placeholder_does_not() -> None:
    rng = np.random.default_rng(7)
    # Real pictures are scattered in one half of the space, placeholders in the other, and some
    # drawn pictures lie between.
    placeholders = -np.abs(directions(rng, 50, 12))
    photographs = np.abs(directions(rng, 5_000, 12))
    drawn = 1.2 * -np.abs(directions(rng, 100, 12)) + np.abs(directions(rng, 100, 12))
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    real = np.concatenate([photographs, drawn]).astype(np.float32)
    judging = match(exemplars(placeholders[:40]), [real], Rules(), FALLBACK)
    assert lie_among_real(real[:20], [real], judging).all()
    assert lie_among_real(placeholders[40:], [real], judging).mean() <= 0.2


def test_ten_thousand_references_on_ten_thousand_pictures_take_seconds() -> None:
    rng = np.random.default_rng(1)
    cohort, references = directions(rng, 10_000, 64), exemplars(directions(rng, 10_000, 64))
    started = perf_counter()
    calibrate(references, [cohort], Rules(), FALLBACK)
    assert perf_counter() - started < 20
