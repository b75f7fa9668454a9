"""What a space of embeddings keeps of the order copy > kind > other placeholder > real."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nophoto.models.vision.evaluation import Rate
from nophoto.models.vision.matching.kinds import kind_of_drawing
from nophoto.models.vision.matching.matcher import Judgements, Matcher
from nophoto.models.vision.matching.nearest import nearest_references
from nophoto.models.vision.matching.reach import Exemplars, Fallback, Rules, reaches_of
from nophoto.models.vision.matching.sets import match
from nophoto.models.vision.references import shipped_references
from nophoto.models.vision.training.cross_validation import FoldEmbeddings, KnownPicture
from nophoto.models.vision.training.features import UNLIKE_KINDS
from nophoto.models.vocabulary import DEFAULT_KIND_MODES, Kind, KindMode, ReferenceScope

FALLBACK = Fallback(1.0, 1.0, 1.0)
"""Where a fold has no cohort nothing is claimed but the references themselves."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A known picture and what a network said that has not seen its project.

    Attributes:
        picture: the picture.
        fold: in which it was judged.
        score: similarity minus reach of the shipped reference that claims it most.
        kind: of that reference.
    """

    picture: KnownPicture
    fold: int
    score: float
    kind: Kind


@dataclass(frozen=True, slots=True)
class Nearness:
    """Counts over all folds.

    Attributes:
        kinds: clear placeholders of a known kind whose reference is of their kind.
        own_single, own_three: changed copies of references whose nearest reference is their own.
        found_single, found_three: changed copies of references that are called placeholders.
        photograph_others: of other real pictures, those that a real picture as a reference flags.
        photograph_worst: the same of the real picture that flags the largest share.
        photograph_copies: changed copies of a real picture that it claims as a reference.
        retired: by kind, clear placeholders of it that stay flagged where its references are
            retired, and those of other kinds that are lost by it.
        median_cosine: of two references, the mean of the folds.
    """

    kinds: Rate
    own_single: Rate
    own_three: Rate
    found_single: Rate
    found_three: Rate
    photograph_others: Rate
    photograph_worst: Rate
    photograph_copies: Rate
    retired: Mapping[Kind, tuple[Rate, Rate]]
    median_cosine: float


def judge_folds(folds: Sequence[FoldEmbeddings], rate: float) -> tuple[list[Judged], Nearness]:
    """Judge the pictures of every fold at a false-positive rate, and measure the space.

    Args:
        folds: from `cross_validate`.
        rate: share of the cohort that the shipped references may claim.
    """
    counts: Counter[str] = Counter()
    retired: dict[Kind, Counter[str]] = {}
    worst = Rate(0, 0)
    judged: list[Judged] = []
    for number, fold in enumerate(folds):
        rules = Rules(rate, DEFAULT_KIND_MODES)
        references = _references(fold)
        matcher = match(references, [fold.cohort], rules, FALLBACK)
        found = matcher.judge_all(fold.vectors)
        kinds = [references.kinds[place] for place in found.nearest]
        judged += [
            Judged(picture, number, float(score), kind)
            for picture, score, kind in zip(fold.pictures, found.score, kinds, strict=True)
        ]
        _count_kinds(counts, fold, kinds)
        _count_references(counts, fold, matcher, references)
        worst = max(worst, _count_photographs(counts, fold, matcher, rules), key=_share)
        _count_retired(retired, fold, found, references, rules)
    return judged, Nearness(
        kinds=_rate(counts, "kind"),
        own_single=_rate(counts, "own single"),
        own_three=_rate(counts, "own three"),
        found_single=_rate(counts, "found single"),
        found_three=_rate(counts, "found three"),
        photograph_others=_rate(counts, "others"),
        photograph_worst=worst,
        photograph_copies=_rate(counts, "copies"),
        retired={
            kind: (_rate(some, "own kind"), _rate(some, "lost")) for kind, some in retired.items()
        },
        median_cosine=float(np.mean([_median_cosine(fold.references) for fold in folds])),
    )


def is_clear(picture: KnownPicture) -> bool:
    """Whether a picture is a placeholder of a kind that is on, which nobody takes for an upload.

    Kinds of which only copies are claimed, cartoons say, are left out.
    """
    mode = DEFAULT_KIND_MODES.get(picture.kind or Kind.OWN, KindMode.ON)
    return picture.is_placeholder and not picture.is_ambiguous and mode == KindMode.ON


def _references(fold: FoldEmbeddings) -> Exemplars:
    kinds = tuple(kind_of_drawing(reference.kind) for reference in shipped_references())
    return Exemplars(fold.references, kinds, (ReferenceScope.KIND,) * len(kinds))


def _count_kinds(counts: Counter[str], fold: FoldEmbeddings, kinds: Sequence[Kind]) -> None:
    for picture, kind in zip(fold.pictures, kinds, strict=True):
        if is_clear(picture) and picture.kind and picture.kind not in UNLIKE_KINDS:
            _add(counts, "kind", kind == picture.kind)


def _count_references(
    counts: Counter[str], fold: FoldEmbeddings, matcher: Matcher, references: Exemplars
) -> None:
    subjects = [sample.subject for sample in fold.samples.samples]
    rows = np.flatnonzero([isinstance(subject, int) for subject in subjects])
    if not len(rows):
        return
    own = np.array([int(str(subjects[row])) for row in rows])
    _, nearest = nearest_references(fold.changed[rows], references.vectors)
    is_found = matcher.judge_all(fold.changed[rows]).is_placeholder
    for row, is_own, found in zip(rows, nearest == own, is_found, strict=True):
        name = "single" if fold.samples.is_single[row] else "three"
        _add(counts, f"own {name}", bool(is_own))
        _add(counts, f"found {name}", bool(found))


def _count_photographs(
    counts: Counter[str], fold: FoldEmbeddings, matcher: Matcher, rules: Rules
) -> Rate:
    """Each real picture of the fold that was changed, as a reference that claims its copies."""
    place_of = {picture.path: place for place, picture in enumerate(fold.pictures)}
    copies: dict[Path, list[int]] = {}
    for row, sample in enumerate(fold.samples.samples):
        if isinstance(sample.subject, Path) and fold.samples.is_single[row]:
            copies.setdefault(sample.subject, []).append(row)
    real = [place for place, picture in enumerate(fold.pictures) if not picture.is_placeholder]
    worst = Rate(0, 0)
    for path, rows in copies.items():
        vector = fold.vectors[place_of[path]][None]
        exemplar = Exemplars(vector, (Kind.PHOTO,), (ReferenceScope.COPIES,))
        (reach,) = reaches_of(exemplar, [fold.cohort], matcher.calibration, rules)
        own = fold.pictures[place_of[path]].project
        others = [place for place in real if fold.pictures[place].project != own]
        flagged = fold.vectors[others] @ vector[0] >= reach
        counts["others"] += int(flagged.sum())
        counts["others of"] += len(flagged)
        worst = max(worst, Rate(int(flagged.sum()), len(flagged)), key=_share)
        for is_claimed in fold.changed[rows] @ vector[0] >= reach:
            _add(counts, "copies", bool(is_claimed))
    return worst


def _count_retired(
    retired: dict[Kind, Counter[str]],
    fold: FoldEmbeddings,
    found: Judgements,
    references: Exemplars,
    rules: Rules,
) -> None:
    clear = np.array([is_clear(picture) for picture in fold.pictures]) & found.is_placeholder
    kinds = np.array([picture.kind or Kind.OWN for picture in fold.pictures])
    for kind in set(references.kinds):
        if rules.mode(kind) != KindMode.ON:
            continue
        is_left = np.array([other != kind for other in references.kinds])
        left, gone = _some(references, is_left), _some(references, ~is_left)
        without = match(left, [fold.cohort], rules, FALLBACK, retired=gone)
        still = without.judge_all(fold.vectors).is_placeholder
        some = retired.setdefault(kind, Counter())
        for is_still, is_own in zip(still[clear], kinds[clear] == kind, strict=True):
            _add(some, "own kind" if is_own else "lost", bool(is_still == is_own))


def _some(exemplars: Exemplars, chosen: NDArray[np.bool_]) -> Exemplars:
    places = np.flatnonzero(chosen)
    return Exemplars(
        exemplars.vectors[places],
        tuple(exemplars.kinds[place] for place in places),
        tuple(exemplars.scopes[place] for place in places),
    )


def _median_cosine(vectors: NDArray[np.float32]) -> float:
    cosines = vectors @ vectors.T
    return float(np.median(cosines[np.triu_indices(len(vectors), 1)]))


def _add(counts: Counter[str], name: str, is_hit: bool) -> None:
    counts[name] += is_hit
    counts[f"{name} of"] += 1


def _rate(counts: Counter[str], name: str) -> Rate:
    return Rate(counts[name], counts[f"{name} of"])


def _share(rate: Rate) -> float:
    return rate.value if rate.total else -1.0
