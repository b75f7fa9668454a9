"""Setting the threshold of a network by the false alarms that it may raise."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nophoto.models.vision.evaluation import Rate, threshold_at


@dataclass(frozen=True, slots=True)
class Calibration:
    """A threshold and what it rests on.

    Attributes:
        threshold: similarity from which on a picture is a placeholder.
        review_low, review_high: between them a verdict is marked for review.
        target: share of real pictures that may be flagged.
        false_alarms: those that were, among the held-out ones.
    """

    threshold: float
    review_low: float
    review_high: float
    target: float
    false_alarms: Rate

    @property
    def is_promise_kept(self) -> bool:
        """Whether there were pictures enough for the target to mean something."""
        return self.false_alarms.total * self.target >= 1


UNDOUBTED = 0.9
"""Share of the held-out placeholders that the review band leaves to the network."""


def calibrate(
    real: NDArray[np.floating[Any]], target: float, placeholders: NDArray[np.floating[Any]]
) -> Calibration:
    """The lowest threshold that flags at most `target` of the held-out real pictures, (n,).

    The review band reaches from where twice as many would be flagged to where half as many are,
    but not among the similarities of most placeholders, (m,): a few real pictures that are tiles
    to the eye would otherwise send half of the queue to the moderators.
    """
    threshold = threshold_at(real, target)
    plain = float(np.quantile(placeholders, 1 - UNDOUBTED))
    return Calibration(
        threshold=threshold,
        review_low=min(threshold, threshold_at(real, 2 * target)),
        review_high=max(threshold, min(plain, threshold_at(real, target / 2))),
        target=target,
        false_alarms=Rate(int((real >= threshold).sum()), len(real)),
    )
