"""Exact intervals of weighted sums of counts."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

_APPROXIMATE_FROM = 200.0
"""Shape from which on the Wilson-Hilferty approximation has four correct digits."""

_HALVINGS = 80


@dataclass(frozen=True, slots=True)
class Total:
    """An estimated number, and its interval."""

    value: float
    low: float
    high: float


def total(weights: Sequence[float], one_more: float, level: float = 0.95) -> Total:
    """The sum of `weights`, one for each event that was seen, and an interval of its expectation.

    The interval is that of Fay and Feuer (Statistics in Medicine 16, 1997, 791-801): the sum of
    weighted Poisson counts is matched with a gamma distribution. Without an event its upper end is
    that of the exact interval of a Poisson count, times `one_more`. That this is the mean weight,
    not the largest, is Tiwari's, Clegg's and Zou's (Statistical Methods in Medical Research 15,
    2006, 547-569): the largest covers the truth far more often than the level says.

    Args:
        weights: inverse inclusion probabilities of the events.
        one_more: weight of an event that the sample might have held beside them.
        level: of the interval.
    """
    tail = (1 - level) / 2
    value, squares = sum(weights), sum(weight**2 for weight in weights)
    low = 0.0
    if value > 0:
        low = squares / value * gamma_quantile(tail, value**2 / squares)
    more, more_squares = value + one_more, squares + one_more**2
    high = more_squares / more * gamma_quantile(1 - tail, more**2 / more_squares)
    return Total(value, low, high)


def gamma_quantile(probability: float, shape: float) -> float:
    """The quantile of the gamma distribution of this shape and the scale 1.

    By bisection of the series of the incomplete gamma function, and for large shapes by Wilson and
    Hilferty; SciPy would triple what a worker installs.
    """
    normal = NormalDist().inv_cdf(probability)
    near = shape * max(0.0, 1 - 1 / (9 * shape) + normal / math.sqrt(9 * shape)) ** 3
    if shape >= _APPROXIMATE_FROM:
        return near
    low, high = 0.0, max(2 * near, shape + 10 * math.sqrt(shape) + 30)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _below(middle, shape) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _below(x: float, shape: float) -> float:
    """The probability that a gamma variable is less than `x`."""
    if x <= 0:
        return 0.0
    term = math.exp(shape * math.log(x) - x - math.lgamma(shape + 1))
    summed, place = term, shape
    while term > 1e-16 * summed or place < x:
        place += 1
        term *= x / place
        summed += term
        if not term:
            break
    return min(1.0, summed)
