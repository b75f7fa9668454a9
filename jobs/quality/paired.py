"""By how much one version is better than another, from those uploads on which they disagree."""

import math
from dataclasses import dataclass
from typing import Literal

from nophoto.jobs.quality.poisson import total


@dataclass(frozen=True, slots=True)
class PairedDifference:
    """By how many of the compared uploads more the second version is right than the first.

    Attributes:
        value: a share of all that were compared; negative where the second one is worse.
        low, high: the interval of 95 %.
    """

    value: float
    low: float
    high: float

    @property
    def word(self) -> Literal["better", "worse", "alike"]:
        """What the interval says."""
        if self.low > 0:
            return "better"
        return "worse" if self.high < 0 else "alike"


def paired_difference(
    compared: int, differ: int, answered: int, second_right: int
) -> PairedDifference | None:
    """The difference between two versions that judged the same uploads; None without an answer.

    Where both say the same, both are right or both wrong: such uploads tell nothing of the
    difference, and need no answer. Those on which they disagree stand for the disagreements that
    nobody has judged yet. The interval joins those of both counts by MOVER (Zou and Donner,
    Statistics in Medicine 27, 2008, 1693-1702).

    Args:
        compared: uploads that both judged.
        differ: those of which they say different things.
        answered: those of these whose truth is known.
        second_right: those of these where the second version is right.
    """
    if not answered:
        return None
    weight = differ / answered
    better = total([weight] * second_right, weight)
    worse = total([weight] * (answered - second_right), weight)
    value = better.value - worse.value
    low = value - math.hypot(better.value - better.low, worse.high - worse.value)
    high = value + math.hypot(better.high - better.value, worse.value - worse.low)
    # A share lies between -1 and 1, however few uploads were compared.
    return PairedDifference(value / compared, max(-1.0, low / compared), min(1.0, high / compared))
