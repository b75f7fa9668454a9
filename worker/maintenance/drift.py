"""Whether today's uploads or verdicts are others than those of the week before, and which ones."""

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import numpy as np

from nophoto.models.records import clock
from nophoto.models.records.database import Database
from nophoto.models.records.outcomes.drift import Outcome, outcomes
from nophoto.models.vocabulary import Verdict

RECENT = timedelta(days=1)
BEFORE = timedelta(days=7)

LEAST = 200
"""Uploads of a period, from which on its shares and distributions say anything."""

FLOOR = 0.005
"""Added to both shares before they are compared: from 0.01 % to 0.1 % is ten times as much, and
nothing to wake somebody for."""

RATIO = 2.0
"""How many times as high, or as low, a share with its floor may become."""

STABILITY = 0.25
"""Population stability index from which on two distributions are usually called different."""

_ERRORS = 4.0
"""Standard errors that two shares lie apart, at least: ten figures are looked at every time."""

_MOST = 20_000
_BINS = 10
_EXAMPLES = 5


class Figure(StrEnum):
    """What may drift."""

    PLACEHOLDERS = "placeholders"
    FAILURES = "failures"
    SCORE = "score"


@dataclass(frozen=True, slots=True)
class Drift:
    """One figure of the last day beside the week before.

    Attributes:
        figure: which.
        name: of the failures the code, of the scores the kind of the nearest reference.
        before, now: the share; of a score the median.
        change: ratio of the shares with their floor; of a score the population stability index.
        is_alarm: whether it changed by more than usual and more than by chance.
        examples: ids of uploads that show it, where it is an alarm.
    """

    figure: Figure
    name: str
    before: float
    now: float
    change: float
    is_alarm: bool
    examples: tuple[int, ...] = ()

    @property
    def reason(self) -> str:
        """What happened, in a sentence."""
        if self.figure is Figure.SCORE:
            return (
                f"the scores of uploads that are most like references of the kind {self.name} are "
                f"distributed otherwise (stability index {self.change:.2f}, median "
                f"{self.before:+.3f} before and {self.now:+.3f} now)"
            )
        what = "placeholders" if self.figure is Figure.PLACEHOLDERS else f"failures ({self.name})"
        return f"the share of {what} went from {self.before:.2%} to {self.now:.2%}"


def look_for_drift(database: Database, now: datetime | None = None) -> list[Drift]:
    """Every figure of the last day beside the week before, alarms first.

    None where one of both has too few uploads to say anything.
    """
    with database.reading() as session:
        end = now or clock.now(session)
        recent = outcomes(session, end - RECENT, end, _MOST)
        before = outcomes(session, end - RECENT - BEFORE, end - RECENT, _MOST)
    if min(len(recent), len(before)) < LEAST:
        return []
    found = [_share(Figure.PLACEHOLDERS, "", before, recent)]
    codes = sorted({each.failure for each in recent + before if each.failure})
    found += [_share(Figure.FAILURES, code, before, recent) for code in codes]
    kinds = sorted({each.kind for each in recent if each.kind})
    for kind in kinds:
        then, today = _scores(before, kind), _scores(recent, kind)
        if min(len(then), len(today)) >= LEAST:
            found.append(_distribution(kind, then, today))
    return sorted(found, key=lambda each: (not each.is_alarm, each.figure, each.name))


def stability_index(before: Sequence[float], now: Sequence[float]) -> float:
    """The population stability index of two samples, less what chance alone gives.

    sum((p - q) ln(p / q)) over the deciles of `before`. Two samples of one distribution give
    (bins - 1)(1/n + 1/m) on average (Yurdakul and Naranjo 2020), which is taken off.
    """
    inner = np.unique(np.quantile(before, np.linspace(0, 1, _BINS + 1)[1:-1]))
    counts = [np.bincount(np.searchsorted(inner, values), minlength=len(inner) + 1)
              for values in (before, now)]  # fmt: skip
    # Half an upload in an empty part: a logarithm of zero says nothing.
    p, q = ((count + 0.5) / (count.sum() + 0.5 * len(count)) for count in counts)
    chance = len(inner) * (1 / len(before) + 1 / len(now))
    return max(0.0, float(((q - p) * np.log(q / p)).sum()) - chance)


def _share(figure: Figure, name: str, before: list[Outcome], recent: list[Outcome]) -> Drift:
    def belongs(each: Outcome) -> bool:
        if figure is Figure.PLACEHOLDERS:
            return each.verdict == Verdict.PLACEHOLDER
        return each.failure == name

    then, now = (sum(map(belongs, of)) for of in (before, recent))
    p, q = then / len(before), now / len(recent)
    ratio = (q + FLOOR) / (p + FLOOR)
    pooled = (then + now) / (len(before) + len(recent))
    error = math.sqrt(pooled * (1 - pooled) * (1 / len(before) + 1 / len(recent)))
    is_alarm = max(ratio, 1 / ratio) >= RATIO and abs(q - p) > _ERRORS * error
    examples: tuple[int, ...] = ()
    if is_alarm:
        shown = [each for each in recent if belongs(each)]
        examples = _typical(shown, before) if shown else ()
    return Drift(figure, name, p, q, ratio, is_alarm, examples)


def _typical(shown: list[Outcome], before: list[Outcome]) -> tuple[int, ...]:
    """Examples of the kind that grew most, the newest ones."""

    def shares(of: list[Outcome]) -> dict[Hashable, float]:
        counted = Counter(each.kind for each in of)
        return {kind: count / len(of) for kind, count in counted.items()}

    then = shares(before)
    grown = max(shares(shown).items(), key=lambda item: item[1] - then.get(item[0], 0.0))[0]
    return tuple(each.upload_id for each in shown if each.kind == grown)[-_EXAMPLES:]


def _scores(of: list[Outcome], kind: str) -> list[tuple[float, int]]:
    return [(each.score, each.upload_id) for each in of
            if each.kind == kind and each.score is not None]  # fmt: skip


def _distribution(
    kind: str, before: list[tuple[float, int]], recent: list[tuple[float, int]]
) -> Drift:
    then, now = ([score for score, _ in of] for of in (before, recent))
    index = stability_index(then, now)
    medians = float(np.median(then)), float(np.median(now))
    examples: tuple[int, ...] = ()
    if index >= STABILITY:
        # Those on the side to which they moved.
        ordered = sorted(recent, reverse=medians[1] >= medians[0])
        examples = tuple(upload_id for _, upload_id in ordered[:_EXAMPLES])
    return Drift(Figure.SCORE, kind, *medians, index, index >= STABILITY, examples)
