"""What a rescoring found, all in all, and whether it may be written without asking anybody."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from nophoto.worker.settings import Settings

_COUNTED = (
    "compared",
    "changed",
    "to_placeholder",
    "to_real",
    "decided",
    "embedded",
    "replaced",
    "written",
    "held",
)
_COUNTED_BY = ("matched_before", "matched", "gained", "gained_undecided", "failures")


@dataclass(frozen=True, slots=True)
class Totals:
    """The tallies of all chunks together.

    Attributes:
        counts: by what was counted.
        by: by what was counted, and there by reference or failure.
    """

    counts: Counter[str]
    by: Mapping[str, Counter[str]]


def total(tallies: Iterable[Mapping[str, Any]]) -> Totals:
    """The sum of `tallies`."""
    counts: Counter[str] = Counter(dict.fromkeys(_COUNTED, 0))
    by: dict[str, Counter[str]] = {name: Counter() for name in _COUNTED_BY}
    for tally in tallies:
        counts.update({name: tally.get(name, 0) for name in _COUNTED})
        for name in _COUNTED_BY:
            by[name].update(tally.get(name, {}))
    return Totals(counts, by)


def held_back(totals: Totals, trusted: Iterable[int], settings: Settings) -> list[int]:
    """The references that suddenly match far more uploads than they did.

    What they newly match is held back in this run; nobody put them in quarantine. One bad
    reference (a white wall, say) would flag a whole collection overnight.
    """
    spared = set(trusted)
    found = []
    for name, count in totals.by["matched"].items():
        before = totals.by["matched_before"][name]
        allowed = max(settings.quarantine_minimum, settings.quarantine_factor * before)
        if count > allowed and totals.by["gained"][name] and int(name) not in spared:
            found.append(int(name))
    return found


def question(totals: Totals, held: Iterable[int], settings: Settings) -> str | None:
    """What somebody must decide before the verdicts are written; None if nothing.

    Verdicts that a moderator overrides and matches that are held back turn nothing over.
    """
    counts = totals.counts
    flips = counts["to_placeholder"] + counts["to_real"] - counts["decided"]
    flips -= sum(totals.by["gained_undecided"][str(reference)] for reference in held)
    if flips <= settings.rescore_guard * counts["compared"]:
        return None
    share = flips / counts["compared"]
    return (
        f"{flips:,} of {counts['compared']:,} verdicts ({share:.1%}) would be turned over, "
        f"{counts['to_placeholder']:,} to placeholder and {counts['to_real']:,} to real; more than "
        f"{settings.rescore_guard:.1%} require approval"
    )
