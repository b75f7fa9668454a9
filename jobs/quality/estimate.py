"""Recall and precision from a weighted random sample of verdicts."""

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from nophoto.jobs.quality.poisson import Total, total
from nophoto.models.vocabulary import Verdict


@dataclass(frozen=True, slots=True)
class Drawn:
    """A verdict of the network that was drawn at random.

    Attributes:
        stratum: drawn verdicts of one stratum are answered or not by chance alone.
        flagged: whether the network called it a placeholder.
        probability: with which it was drawn.
        truth: what moderators say that it is; None as long as nobody has.
    """

    stratum: Hashable
    flagged: bool
    probability: float
    truth: Verdict | None


@dataclass(frozen=True, slots=True)
class Figure:
    """A share, and its interval of 95 %."""

    value: float
    low: float
    high: float

    def lies_below(self, before: "Figure") -> bool:
        """Whether it fell: each value lies outside of the other's interval."""
        return self.high < before.value and self.value < before.low


@dataclass(frozen=True, slots=True)
class Quality:
    """What a sample says of the verdicts that it was drawn from.

    Attributes:
        recall: share of the placeholders that are flagged; None where it is not known.
        precision: share of the flagged that are placeholders; None where it is not known.
        missed: estimated number of placeholders that were called real.
        drawn, answered: verdicts of the sample, and those that a moderator has judged.
        missing: why a figure is None: `answers`, `real` or `flagged` verdicts, `placeholders`.
    """

    recall: Figure | None
    precision: Figure | None
    missed: Total | None
    drawn: int
    answered: int
    missing: str | None


def estimate(sample: Iterable[Drawn]) -> Quality:
    """Recall and precision of the verdicts that `sample` was drawn from.

    Each verdict counts as often as the inverse of its probability says (Horvitz and Thompson
    1952); where only some of a stratum are answered, these stand for the others.
    """
    drawn = list(sample)
    weights = _weights(drawn)
    answered = [(each, weight) for each, weight in zip(drawn, weights, strict=True) if weight]

    def of(flagged: bool, truth: Verdict | None = None) -> list[float]:
        return [
            weight
            for each, weight in answered
            if each.flagged == flagged and (truth is None or each.truth == truth)
        ]

    real, flagged = of(False), of(True)
    missed = total(of(False, Verdict.PLACEHOLDER), fmean(real)) if real else None
    found = total(of(True, Verdict.PLACEHOLDER), fmean(flagged)) if flagged else None
    wrong = total(of(True, Verdict.REAL), fmean(flagged)) if flagged else None
    recall = share(found, missed) if found and missed else None
    return Quality(
        recall=recall,
        precision=share(found, wrong) if found and wrong else None,
        missed=missed,
        drawn=len(drawn),
        answered=len(answered),
        missing=None if recall else _missing(bool(real), bool(flagged)),
    )


def share(hits: Total, misses: Total) -> Figure | None:
    """The share of hits, from two independent numbers; None where there are none of either.

    The interval is that of the ratio of both by MOVER (Donner and Zou, Statistical Methods in
    Medical Research 21, 2012, 347-359), which joins the intervals of its parts.
    """
    if not hits.value + misses.value:
        return None
    return Figure(
        hits.value / (hits.value + misses.value),
        1 / (1 + _highest_ratio(misses, hits)),
        1 / (1 + _lowest_ratio(misses, hits)),
    )


def _lowest_ratio(over: Total, under: Total) -> float:
    product = over.value * under.value
    above = over.low * (2 * over.value - over.low)
    if not above:
        return 0.0
    # The usual form, freed of a root in its numerator: that divides by zero for few events.
    below = under.high * (2 * under.value - under.high)
    return above / (product + math.sqrt(max(0.0, product**2 - above * below)))


def _highest_ratio(over: Total, under: Total) -> float:
    below = under.low * (2 * under.value - under.low)
    if not below:
        return math.inf
    product = over.value * under.value
    above = over.high * (2 * over.value - over.high)
    return (product + math.sqrt(max(0.0, product**2 - above * below))) / below


def _weights(drawn: Sequence[Drawn]) -> list[float]:
    """For how many verdicts each of the sample stands; 0 where it is not answered."""
    all_of: defaultdict[Hashable, float] = defaultdict(float)
    answered: defaultdict[Hashable, float] = defaultdict(float)
    for each in drawn:
        key = (each.stratum, each.flagged)
        all_of[key] += 1 / each.probability
        if each.truth is not None:
            answered[key] += 1 / each.probability
    return [
        0.0
        if each.truth is None
        else all_of[each.stratum, each.flagged]
        / answered[each.stratum, each.flagged]
        / each.probability
        for each in drawn
    ]


def _missing(has_real: bool, has_flagged: bool) -> str:
    if not has_real and not has_flagged:
        return "answers"
    if not has_real:
        return "real"
    return "placeholders" if has_flagged else "flagged"
