"""Figures over the similarities of known placeholders and known real pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nophoto.models.vision.evaluation.rates import Rate

Similarities = NDArray[np.floating[Any]]

FALSE_POSITIVE_RATES = (0.01, 0.001)
"""The false-alarm rates at which versions are compared."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What one model version makes of pictures whose kind is known.

    Attributes:
        auc: area under the ROC curve: how often a placeholder is more similar than a real picture.
        auc_interval: its 95 % interval.
        true_positives_at: by false-alarm rate, the placeholders found there.
        threshold: of the model version.
        true_positives: placeholders at or above the threshold.
        false_positives: real pictures at or above the threshold.
    """

    auc: float
    auc_interval: tuple[float, float]
    true_positives_at: dict[float, Rate]
    threshold: float
    true_positives: Rate
    false_positives: Rate

    def as_dict(self) -> dict[str, Any]:
        """The figures as plain numbers; every interval beside its figure, as [low, high]."""
        at = {f"{rate:g}": found for rate, found in self.true_positives_at.items()}
        return {
            "auc": self.auc,
            "auc_interval": list(self.auc_interval),
            "tpr_at_fpr": {rate: found.value for rate, found in at.items()},
            "tpr_at_fpr_interval": {rate: list(found.interval) for rate, found in at.items()},
            "threshold": self.threshold,
            "true_positive_rate": self.true_positives.value,
            "true_positive_rate_interval": list(self.true_positives.interval),
            "false_positive_rate": self.false_positives.value,
            "false_positive_rate_interval": list(self.false_positives.interval),
            "placeholders": self.true_positives.total,
            "real_pictures": self.false_positives.total,
        }


def evaluate(
    placeholders: Similarities,
    real: Similarities,
    threshold: float,
    rates: Sequence[float] = FALSE_POSITIVE_RATES,
) -> Evaluation:
    """Evaluate the similarities of placeholders (n,) and of real pictures (m,), n and m > 0."""
    area = auc(placeholders, real)
    return Evaluation(
        auc=area,
        auc_interval=_auc_interval(area, len(placeholders), len(real)),
        true_positives_at={
            rate: _at_or_above(placeholders, threshold_at(real, rate)) for rate in rates
        },
        threshold=threshold,
        true_positives=_at_or_above(placeholders, threshold),
        false_positives=_at_or_above(real, threshold),
    )


def auc(placeholders: Similarities, real: Similarities) -> float:
    """The share of pairs in which the placeholder is the more similar; ties count half."""
    ordered = np.sort(real)
    below = np.searchsorted(ordered, placeholders, side="left")
    up_to = np.searchsorted(ordered, placeholders, side="right")
    return float((below + up_to).sum() / 2 / (len(placeholders) * len(real)))


def threshold_at(real: Similarities, rate: float) -> float:
    """The lowest threshold at which at most `rate` of the real pictures (m,) are false alarms.

    With fewer than 1/rate pictures that allows none: the threshold lies just above the highest.
    """
    allowed = int(np.floor(rate * len(real) + 1e-9))
    if allowed >= len(real):
        return -1.0
    highest_refused = np.sort(real)[::-1][allowed]
    return float(np.nextafter(highest_refused, np.inf))


def roc_curve(placeholders: Similarities, real: Similarities) -> tuple[Similarities, Similarities]:
    """False- and true-positive rates at every threshold, from the strictest to the laxest."""
    thresholds = np.unique(np.concatenate([placeholders, real]))[::-1]
    ordered_real, ordered_placeholders = np.sort(real), np.sort(placeholders)
    false = len(real) - np.searchsorted(ordered_real, thresholds, side="left")
    true = len(placeholders) - np.searchsorted(ordered_placeholders, thresholds, side="left")
    return np.r_[0.0, false / len(real)], np.r_[0.0, true / len(placeholders)]


def _at_or_above(similarities: Similarities, threshold: float) -> Rate:
    return Rate(int((similarities >= threshold).sum()), len(similarities))


def _auc_interval(area: float, placeholders: int, real: int) -> tuple[float, float]:
    """Source: Hanley and McNeil, "The Meaning and Use of the Area under a ROC Curve" (1982)."""
    both_placeholders = area / (2 - area)
    both_real = 2 * area**2 / (1 + area)
    variance = (
        area * (1 - area)
        + (placeholders - 1) * (both_placeholders - area**2)
        + (real - 1) * (both_real - area**2)
    ) / (placeholders * real)
    reach = 1.959963984540054 * sqrt(max(0.0, variance))
    return (max(0.0, area - reach), min(1.0, area + reach))
