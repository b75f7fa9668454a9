"""Recall and precision from a sample: the interval keeps its level, and says nothing unasked."""

import numpy as np
import pytest
from scipy.stats import chi2, gamma

from nophoto.jobs.quality.estimate import Drawn, Figure, estimate
from nophoto.jobs.quality.poisson import gamma_quantile, total
from nophoto.models.records.review.spot_check_draws import Shares, probability
from nophoto.models.vocabulary import Verdict

PLACEHOLDER, REAL = Verdict.PLACEHOLDER, Verdict.REAL


@pytest.mark.parametrize("shape", [0.05, 0.3, 1, 2, 7.3, 50, 199, 201, 5_000])
@pytest.mark.parametrize("at", [0.025, 0.5, 0.975])
def test_quantiles_are_those_of_the_gamma_distribution(shape: float, at: float) -> None:
    assert gamma_quantile(at, shape) == pytest.approx(gamma.ppf(at, shape), rel=1e-4, abs=1e-9)


@pytest.mark.parametrize("count", [0, 1, 5, 60])
def test_with_equal_weights_the_interval_is_the_exact_one_of_a_count(count: int) -> None:
    found = total([100.0] * count, 100.0)
    low = chi2.ppf(0.025, 2 * count) / 2 if count else 0
    high = chi2.ppf(0.975, 2 * (count + 1)) / 2
    assert (found.low, found.high) == pytest.approx((100 * low, 100 * high), rel=1e-6)


def test_planted_misses_lie_within_the_interval_over_many_seeds() -> None:
    shares = Shares(real=0.02, flagged=0.1, second=0.0)
    inside = {"recall": 0, "precision": 0}
    widths = []
    for seed in range(150):
        sample, truth = _planted(np.random.default_rng(seed), shares)
        found = estimate(sample)
        for name in inside:
            figure = getattr(found, name)
            inside[name] += figure.low <= truth[name] <= figure.high
        widths.append(found.recall.high - found.recall.low)
    # 95 % of 150, and what chance may take from it.
    assert inside["recall"] >= 135
    assert inside["precision"] >= 135
    assert np.mean(widths) < 0.25, "an interval of everything would cover everything"


def _planted(random: np.random.Generator, shares: Shares) -> tuple[list[Drawn], dict[str, float]]:
    """Thirty thousand uploads, 4 % of them placeholders, of which a fifth is missed."""
    is_placeholder = random.random(30_000) < 0.04
    flagged = np.where(is_placeholder, random.random(30_000) < 0.8, random.random(30_000) < 0.004)
    far = np.where(is_placeholder, 0.1, 0.35)
    score = np.where(flagged, 0.1, -random.exponential(far))
    sample = []
    for place in range(30_000):
        verdict = PLACEHOLDER if flagged[place] else REAL
        chance = probability(verdict, float(score[place]), shares)
        if random.random() < chance:
            # A third of what was drawn has not been looked at.
            truth = PLACEHOLDER if is_placeholder[place] else REAL
            answered = truth if random.random() < 2 / 3 else None
            sample.append(Drawn("week", bool(flagged[place]), chance, answered))
    both = (is_placeholder & flagged).sum()
    return sample, {"recall": both / is_placeholder.sum(), "precision": both / flagged.sum()}


def test_a_share_of_one_gives_the_plain_counts() -> None:
    sample = [
        Drawn(0, flagged, 1.0, truth)
        for flagged, truth, times in (
            (True, PLACEHOLDER, 90),
            (True, REAL, 10),
            (False, PLACEHOLDER, 30),
            (False, REAL, 870),
        )
        for _ in range(times)
    ]
    found = estimate(sample)
    assert found.recall.value == pytest.approx(90 / 120)
    assert found.precision.value == pytest.approx(90 / 100)
    assert found.missed.value == 30
    assert found.recall.low < 0.75 < found.recall.high


def test_without_a_miss_in_the_sample_recall_is_not_certain() -> None:
    """Of 200 real verdicts with a weight of 1,000 none is a miss: several hundred may be."""
    sample = [Drawn(0, True, 0.1, PLACEHOLDER)] * 100 + [Drawn(0, False, 0.001, REAL)] * 200
    found = estimate(sample)
    assert found.recall.value == 1.0
    assert 0.1 < found.recall.low < 0.4


@pytest.mark.parametrize(
    ("sample", "missing"),
    [
        ([], "answers"),
        ([Drawn(0, True, 0.1, None), Drawn(0, False, 0.1, None)], "answers"),
        ([Drawn(0, True, 0.1, PLACEHOLDER)], "real"),
        ([Drawn(0, False, 0.1, PLACEHOLDER)], "flagged"),
        ([Drawn(0, True, 0.1, REAL), Drawn(0, False, 0.1, REAL)], "placeholders"),
    ],
)
def test_what_is_not_known_has_no_figure_and_says_why(sample: list[Drawn], missing: str) -> None:
    found = estimate(sample)
    assert (found.recall, found.missing) == (None, missing)


def test_a_figure_falls_where_each_value_is_outside_of_the_others_interval() -> None:
    before = Figure(0.9, 0.86, 0.93)
    assert Figure(0.7, 0.6, 0.8).lies_below(before)
    assert not Figure(0.87, 0.8, 0.92).lies_below(before)
    assert not before.lies_below(Figure(0.7, 0.6, 0.8))


def test_the_share_of_what_lies_near_a_reach_is_higher_and_never_more_than_one() -> None:
    shares = Shares(0.01, 0.02, 0.0)
    at = [probability(REAL, score, shares) for score in (-0.001, -0.1, -0.5)]
    assert at == sorted(at, reverse=True)
    assert at[0] == pytest.approx(0.1, rel=0.02)
    assert at[2] == pytest.approx(0.005, rel=0.2)
    assert probability(REAL, -0.4, Shares(1.0, 0.0, 0.0)) == 1.0
    assert probability(REAL, -0.001, Shares(0.0, 1.0, 0.0)) == 0.0
    assert probability(REAL, -0.001, Shares(0.5, 0.0, 0.0)) == 1.0
    assert probability(PLACEHOLDER, 0.2, shares) == 0.02
