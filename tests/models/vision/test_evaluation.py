import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nophoto.models.vision.evaluation import Rate, auc, evaluate, roc_curve, threshold_at

similarities = arrays(
    np.float64, st.integers(1, 40), elements=st.sampled_from(np.linspace(-1, 1, 21).tolist())
)


@given(similarities, similarities)
def test_the_area_is_the_share_of_pairs_in_order(
    placeholders: np.ndarray, real: np.ndarray
) -> None:
    pairs = [1.0 if p > r else 0.5 if p == r else 0.0 for p in placeholders for r in real]
    assert auc(placeholders, real) == pytest.approx(np.mean(pairs))


@given(similarities, similarities)
def test_the_area_is_that_under_the_roc_curve(placeholders: np.ndarray, real: np.ndarray) -> None:
    false, true = roc_curve(placeholders, real)
    assert (false[0], true[0], false[-1], true[-1]) == (0.0, 0.0, 1.0, 1.0)
    assert np.trapezoid(true, false) == pytest.approx(auc(placeholders, real))


@given(similarities, st.sampled_from([0.001, 0.01, 0.1, 0.5, 1.0]))
def test_a_threshold_keeps_the_false_alarms_within_the_rate_and_no_lower_one_does(
    real: np.ndarray, rate: float
) -> None:
    threshold = threshold_at(real, rate)
    assert np.mean(real >= threshold) <= rate
    lower = real[real < threshold]
    if len(lower) and rate < 1:
        assert np.mean(real >= lower.max()) > rate


@given(st.integers(0, 500), st.integers(1, 500))
def test_an_interval_holds_its_rate_and_stays_within_bounds(hits: int, total: int) -> None:
    rate = Rate(min(hits, total), total)
    low, high = rate.interval
    assert 0 <= low <= rate.value + 1e-12
    assert rate.value - 1e-12 <= high <= 1
    assert high - low > 0


def test_intervals_are_wilsons() -> None:
    # From Newcombe, "Two-sided confidence intervals for the single proportion" (1998), table I.
    assert Rate(81, 263).interval == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert Rate(0, 20).interval == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert Rate(1, 29).interval == pytest.approx((0.0061, 0.1718), abs=5e-5)


def test_an_evaluation_gives_every_figure_with_its_interval() -> None:
    placeholders = np.array([0.9, 0.8, 0.7, 0.2])
    real = np.linspace(-0.5, 0.5, 100)
    figures = evaluate(placeholders, real, 0.75).as_dict()
    assert figures["tpr_at_fpr"] == {"0.01": 0.75, "0.001": 0.75}
    assert (figures["true_positive_rate"], figures["false_positive_rate"]) == (0.5, 0.0)
    for name in ("auc", "true_positive_rate", "false_positive_rate"):
        low, high = figures[f"{name}_interval"]
        assert low <= figures[name] <= high
