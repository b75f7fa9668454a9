"""What several rounds of one measurement came to."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Self


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of some rounds, and the lowest and the highest of them."""

    median: float
    lowest: float
    highest: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        """The spread of `values`, one for each round.

        Raises:
            ValueError: if there are none.
        """
        if not values:
            raise ValueError("a spread needs at least one round")
        return cls(median(values), min(values), max(values))

    def shown(self, form: str = "{:.1f}", unit: float = 1) -> str:
        """All three for one cell of a table, each in this form and of this unit."""
        three = (self.median, self.lowest, self.highest)
        middle, low, high = (form.format(value / unit) for value in three)
        return f"{middle} ({low}–{high})"
