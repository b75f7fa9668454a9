"""Comparing two model versions on the same pictures."""

from dataclasses import dataclass
from math import sqrt
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nophoto.models.vision.evaluation.metrics import Similarities, auc

_Z = 1.959963984540054
"""Of the normal distribution, between whose ± lie 95 %."""

_RESAMPLES = 500


class Scores(NamedTuple):
    """What one version makes of pictures whose kind is known.

    Attributes:
        placeholders: similarities (n,).
        real: similarities (m,).
        threshold: of the version.
    """

    placeholders: Similarities
    real: Similarities
    threshold: float


@dataclass(frozen=True, slots=True)
class Difference:
    """How a figure changes from one version to another.

    Attributes:
        before, after: the figure.
        interval: the 95 % interval of `after - before`.
    """

    before: float
    after: float
    interval: tuple[float, float]

    @property
    def value(self) -> float:
        """`after - before`."""
        return self.after - self.before

    def as_dict(self) -> dict[str, Any]:
        """As plain numbers."""
        return {
            "before": self.before,
            "after": self.after,
            "difference": self.value,
            "interval": list(self.interval),
        }


@dataclass(frozen=True, slots=True)
class PairedComparison:
    """Two versions on the same pictures, each at its own threshold.

    Attributes:
        found: share of the placeholders called so.
        false_alarms: share of the real pictures called placeholders.
        auc: area under the ROC curve, whatever the thresholds.
        placeholders, real_pictures: how many there were.
    """

    found: Difference
    false_alarms: Difference
    auc: Difference
    placeholders: int
    real_pictures: int

    def as_dict(self) -> dict[str, Any]:
        """As plain numbers."""
        return {
            "found": self.found.as_dict(),
            "false_alarms": self.false_alarms.as_dict(),
            "auc": self.auc.as_dict(),
            "placeholders": self.placeholders,
            "real_pictures": self.real_pictures,
        }


def compare(before: Scores, after: Scores) -> PairedComparison:
    """Compare two versions' similarities of the same pictures, in the same order.

    Args:
        before: (n,) placeholders and (m,) real pictures, n and m > 0.
        after: as many.
    """
    return PairedComparison(
        found=paired_shares(
            before.placeholders >= before.threshold, after.placeholders >= after.threshold
        ),
        false_alarms=paired_shares(before.real >= before.threshold, after.real >= after.threshold),
        auc=_paired_auc(before, after),
        placeholders=len(before.placeholders),
        real_pictures=len(before.real),
    )


def paired_shares(before: NDArray[np.bool_], after: NDArray[np.bool_]) -> Difference:
    """The shares of true in (n,) and (n,), where each place is the same picture, n > 0.

    Source: Bonett and Price, "Adjusted Wald Confidence Interval for a Difference of Binomial
    Proportions Based on Paired Data" (2012); it holds for few pictures too.
    """
    n = len(before)
    gained = (int((after & ~before).sum()) + 1) / (n + 2)
    lost = (int((before & ~after).sum()) + 1) / (n + 2)
    middle = gained - lost
    reach = _Z * sqrt((gained + lost - middle**2) / (n + 2))
    share_before, share_after = float(before.mean()), float(after.mean())
    difference = share_after - share_before
    # It is centred on an adjusted difference; the plain one must not fall out of it.
    return Difference(
        share_before,
        share_after,
        (min(difference, max(-1.0, middle - reach)), max(difference, min(1.0, middle + reach))),
    )


def _paired_auc(before: Scores, after: Scores) -> Difference:
    """With the bootstrap's percentile interval: the same pictures are drawn for both versions."""
    rng = np.random.default_rng(0)
    differences = np.empty(_RESAMPLES)
    for number in range(_RESAMPLES):
        chosen = rng.integers(len(before.placeholders), size=len(before.placeholders))
        others = rng.integers(len(before.real), size=len(before.real))
        differences[number] = auc(after.placeholders[chosen], after.real[others]) - auc(
            before.placeholders[chosen], before.real[others]
        )
    low, high = np.quantile(differences, [0.025, 0.975])
    return Difference(
        auc(before.placeholders, before.real),
        auc(after.placeholders, after.real),
        (float(low), float(high)),
    )
