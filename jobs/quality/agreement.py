"""How far moderators agree on items that they judged without seeing each other's answers."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from nophoto.models.records.review.spot_check_results import Answer


@dataclass(frozen=True, slots=True)
class Pair:
    """Two moderators who judged the same items.

    Attributes:
        first, second: their names.
        items: that both have judged.
        agreed: those with the same answer.
        kappa: Cohen's; None where both gave one and the same answer to all.
    """

    first: str
    second: str
    items: int
    agreed: int
    kappa: float | None


@dataclass(frozen=True, slots=True)
class Moderator:
    """A moderator beside the golden items that they judged."""

    name: str
    golden: int
    right: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the answers say of the moderators.

    Attributes:
        pairs: those with common items, by name.
        alpha: Krippendorff's, of all answers; None where there is nothing to compare.
        moderators: those who judged golden items, by name.
    """

    pairs: list[Pair]
    alpha: float | None
    moderators: list[Moderator]


def agreement(answers: Sequence[Answer]) -> Agreement:
    """How far moderators agree with each other, and with golden items."""
    units: defaultdict[int, dict[str, Hashable]] = defaultdict(dict)
    golden: defaultdict[str, list[bool]] = defaultdict(list)
    for each in answers:
        units[each.spot_check_id][each.reviewer] = each.verdict
        if each.truth is not None:
            golden[each.reviewer].append(each.verdict == each.truth)
    names = sorted({each.reviewer for each in answers})
    pairs = []
    for first, second in combinations(names, 2):
        both = [(of[first], of[second]) for of in units.values() if first in of and second in of]
        if both:
            agreed = sum(one == other for one, other in both)
            pairs.append(Pair(first, second, len(both), agreed, cohen_kappa(both)))
    return Agreement(
        pairs,
        krippendorff_alpha(list(units.values())),
        [Moderator(name, len(of), sum(of)) for name, of in sorted(golden.items())],
    )


def cohen_kappa(pairs: Sequence[tuple[Hashable, Hashable]]) -> float | None:
    """Agreement of two beyond chance: 1 for all alike, 0 for what chance gives (Cohen 1960).

    None where chance alone makes them agree on everything.
    """
    observed = sum(one == other for one, other in pairs) / len(pairs)
    firsts, seconds = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    expected = sum(firsts[word] * seconds[word] for word in firsts) / len(pairs) ** 2
    return None if expected == 1 else (observed - expected) / (1 - expected)


def krippendorff_alpha(units: Sequence[Mapping[str, Hashable]]) -> float | None:
    """Agreement of any number of people, each of whom judged some units (Krippendorff 2011).

    For nominal values: 1 - n_c,d / (n_c n_d / (n - 1)), summed over unlike values. None where no
    unit was judged twice, or all answers are alike.

    Args:
        units: of each unit, the answers by name.
    """
    disagreed = 0.0
    counts: Counter[Hashable] = Counter()
    for unit in units:
        if len(unit) < 2:
            continue
        of = Counter(unit.values())
        counts.update(of)
        alike = sum(count * (count - 1) for count in of.values())
        disagreed += (len(unit) * (len(unit) - 1) - alike) / (len(unit) - 1)
    paired = sum(counts.values())
    expected = paired**2 - sum(count**2 for count in counts.values())
    return 1 - (paired - 1) * disagreed / expected if expected else None
