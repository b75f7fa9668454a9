"""Shares of a count, with what chance leaves open about them."""

from dataclasses import dataclass
from math import sqrt

_Z = 1.959963984540054
"""Of the normal distribution, between whose ± lie 95 %."""


@dataclass(frozen=True, slots=True)
class Rate:
    """`hits` of `total` pictures."""

    hits: int
    total: int

    @property
    def value(self) -> float:
        """The share, in [0, 1]; not a number where there was nothing to count."""
        return self.hits / self.total if self.total else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the share.

        Source: Wilson, "Probable Inference, the Law of Succession, and Statistical Inference"
        (1927); unlike the usual approximation it holds for few pictures and shares near 0 and 1.
        """
        if not self.total:
            return (0.0, 1.0)
        share, n = self.value, self.total
        scale = 1 + _Z**2 / n
        middle = (share + _Z**2 / (2 * n)) / scale
        reach = _Z * sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2)) / scale
        # Rounding must not put a share of 0 or 1 outside its own interval.
        return (min(share, max(0.0, middle - reach)), max(share, min(1.0, middle + reach)))
