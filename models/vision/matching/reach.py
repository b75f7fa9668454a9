"""The reach of each reference: the similarity from which on it claims a picture.

A cohort of real pictures says how near such pictures come to each reference. With the rate
`alpha` that the operator allows:

    q_r   = the cosine that at most a share cap of the cohort reaches with reference r
    cap   = the greatest share, up to CAP_SHARE * alpha, for which at most a share alpha of the
            cohort is claimed by any reference with reach q_r
    reach = q_r
    reach of a reference that claims only its copies
          = max(COPY_FLOOR, the cosine that at most a share COPY_CAP of the cohort reaches), or
            above all of the cohort where a whole kind claims only copies

So every reference spends the same part of the rate, and one among real pictures claims less than
one far from them. References that the same pictures come near to spend it together.

A cohort may come from several sources, the shipped one and the platform's own say. The rate and the
caps hold for each of them by itself: every number above is the greatest that any source asks for.
The platform's own pictures were judged real by these very reaches, so that they lack what lies
beyond; together with the others they would lower the reaches a little every night.

This is cohort score normalisation, as in speaker verification, and close to the radius that the
Extreme Value Machine (Rudd et al. 2017) gives each exemplar.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import floor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nophoto.models.vision.matching.constants import (
    CAP_SHARE,
    COPY_CAP,
    COPY_FLOOR,
    SAME_PICTURE,
)
from nophoto.models.vision.matching.nearest import blocks
from nophoto.models.vocabulary import (
    DEFAULT_FALSE_POSITIVE_RATE,
    DEFAULT_KIND_MODES,
    Kind,
    KindMode,
    ReferenceScope,
)

_BLOCK = 512
"""References of one product: 20 MB with a cohort of 10,000."""

_MOST_CLAIMED = 2_000
"""Pictures of a cohort that a set may claim, whatever the rate: 80 MB with 10,000 references."""

_ROUNDING = 1e-6
"""By so much a cosine may differ through the order of additions alone."""


Cohorts = Sequence[NDArray[np.float32]]
"""L2-normalised embeddings of real pictures, (n, d), by source."""


@dataclass(frozen=True, slots=True)
class Exemplars:
    """References as vectors.

    Attributes:
        vectors: L2-normalised, (r, d).
        kinds: r of them.
        scopes: r of them.
    """

    vectors: NDArray[np.float32]
    kinds: tuple[Kind, ...]
    scopes: tuple[ReferenceScope, ...]

    def __len__(self) -> int:
        return len(self.vectors)


@dataclass(frozen=True, slots=True)
class Rules:
    """What the operator wants.

    Attributes:
        rate: share of real pictures that may be called placeholders, in [0, 1].
        modes: what the references of a kind claim; a kind that is missing is `on`.
    """

    rate: float = DEFAULT_FALSE_POSITIVE_RATE
    modes: Mapping[Kind, KindMode] = field(default_factory=lambda: DEFAULT_KIND_MODES)

    def mode(self, kind: Kind) -> KindMode:
        """What the references of `kind` claim."""
        return self.modes.get(kind, KindMode.ON)


@dataclass(frozen=True, slots=True)
class Fallback:
    """What judges where there is no cohort: one reach for all references, and a review band."""

    threshold: float
    review_low: float
    review_high: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a cohort says of a reference set.

    Attributes:
        common: the reach of the median reference.
        cap: share of real pictures that one reference may claim.
        caps: q_r of the references that it was made with, (r,).
        reaches: their reaches, (r,).
        only_copies: which of them claim their copies alone, (r,).
        band: the lowest and the highest score that are marked for review.
    """

    common: float
    cap: float
    caps: NDArray[np.float64]
    reaches: NDArray[np.float64]
    only_copies: NDArray[np.bool_]
    band: tuple[float, float]


def calibrate(
    exemplars: Exemplars, cohorts: Cohorts, rules: Rules, fallback: Fallback
) -> Calibration:
    """The reaches of the references that claim, by which the set keeps the operator's rate.

    Args:
        exemplars: all that claim.
        cohorts: real pictures; with none, `fallback` decides.
        rules: of the operator.
        fallback: of the model version.
    """
    cohorts = [cohort for cohort in cohorts if len(cohort)]
    only_copies = claims_copies_only(exemplars, rules)
    if not cohorts or not len(exemplars):
        common = fallback.threshold
        caps = np.full(len(exemplars), common)
        nothing = np.full(len(exemplars), -1.0)
        reaches = _reaches(exemplars, Nearness(caps, nothing, nothing), common, rules)
        low, high = fallback.review_low - common, fallback.review_high - common
        return Calibration(common, 0.0, caps, reaches, only_copies, (low, high))
    of_kind = ~only_copies
    cap = min(_cap(exemplars.vectors[of_kind], cohort, rules.rate) for cohort in cohorts)
    near = nearness(exemplars.vectors, cohorts, cap)
    common = float(np.median(near.caps[of_kind])) if of_kind.any() else -1.0
    reaches = _reaches(exemplars, near, common, rules)
    vectors, least = exemplars.vectors[of_kind], reaches[of_kind]
    scores = [_best_scores(vectors, least, cohort) for cohort in cohorts]
    low = min(0.0, *(_exceeded_by(some, 2 * rules.rate) for some in scores))
    high = max(0.0, *(_exceeded_by(some, rules.rate / 2) for some in scores))
    return Calibration(common, cap, near.caps, reaches, only_copies, (low, high))


def reaches_of(
    others: Exemplars, cohorts: Cohorts, calibration: Calibration, rules: Rules
) -> NDArray[np.float64]:
    """The reaches, (r,), that other references would have beside those of `calibration`.

    Those in quarantine, say, or those that are being added.
    """
    near = nearness(others.vectors, cohorts, calibration.cap)
    if not any(map(len, cohorts)):
        near = replace(near, caps=np.full(len(others), calibration.common))
    return _reaches(others, near, calibration.common, rules)


def copy_reaches(
    vectors: NDArray[np.float32], cohorts: Cohorts, common: float
) -> NDArray[np.float64]:
    """From which similarity on a picture is a changed copy of one of `vectors` (r, d), (r,)."""
    return _copies(nearness(vectors, cohorts, 0.0).few, common)


@dataclass(frozen=True, slots=True)
class Nearness:
    """How near real pictures come to some vectors, copies of these left out.

    Attributes:
        caps: the cosine that at most a share `cap` reaches, (r,).
        few: the cosine that at most a share COPY_CAP reaches, (r,).
        greatest: above all of them, (r,).
    """

    caps: NDArray[np.float64]
    few: NDArray[np.float64]
    greatest: NDArray[np.float64]


def nearness(vectors: NDArray[np.float32], cohorts: Cohorts, cap: float) -> Nearness:
    """How near real pictures come to vectors (r, d); -1 where there are none."""
    reached = np.full((3, len(vectors)), -1.0)
    for cohort in cohorts:
        places = [
            max(0, len(cohort) - 1 - floor(share * len(cohort) + 1e-9))
            for share in (cap, COPY_CAP, 0.0)
        ]
        for block in blocks(len(vectors) if len(cohort) else 0, _BLOCK):
            cosines = vectors[block] @ cohort.T
            cosines[cosines >= SAME_PICTURE] = -1.0
            cosines.partition(sorted(set(places)), axis=1)
            np.maximum(reached[:, block], _above(cosines[:, places].T), out=reached[:, block])
    return Nearness(*reached)


def _cap(vectors: NDArray[np.float32], cohort: NDArray[np.float32], rate: float) -> float:
    """The greatest share of a cohort that each reference may claim, so that all keep the rate."""
    allowed = min(floor(rate * len(cohort) + 1e-9), _MOST_CLAIMED)
    if not allowed or not len(vectors):
        return 0.0
    strongest = np.empty((len(vectors), allowed), np.int32)
    for block in blocks(len(vectors), _BLOCK):
        cosines = vectors[block] @ cohort.T
        cosines[cosines >= SAME_PICTURE] = -1.0
        places = np.argpartition(-cosines, allowed - 1, axis=1)[:, :allowed]
        order = np.argsort(-np.take_along_axis(cosines, places, axis=1), axis=1)
        strongest[block] = np.take_along_axis(places, order, axis=1)
    is_claimed = np.zeros(len(cohort), np.bool_)
    most = floor(CAP_SHARE * rate * len(cohort) + 1e-9)
    for count in range(min(allowed, most)):
        is_claimed[strongest[:, count]] = True
        if is_claimed.sum() > allowed:
            return count / len(cohort)
    return min(allowed, most) / len(cohort)


def _exceeded_by(values: NDArray[np.floating[Any]], share: float) -> float:
    """The least number that at most this share of `values` reaches."""
    allowed = floor(share * len(values) + 1e-9)
    if allowed >= len(values):
        return -1.0
    place = len(values) - 1 - allowed
    return float(_above(np.partition(values, place)[place : place + 1])[0])


def _above(values: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """A number that is surely above each, however its cosine is computed."""
    return np.where(values <= -1.0, -1.0, values.astype(np.float64) + _ROUNDING)


def claims_copies_only(exemplars: Exemplars, rules: Rules) -> NDArray[np.bool_]:
    """Which references claim their copies alone, (r,)."""
    return np.array(
        [
            rules.rate == 0 or scope == ReferenceScope.COPIES or rules.mode(kind) == KindMode.COPIES
            for kind, scope in zip(exemplars.kinds, exemplars.scopes, strict=True)
        ],
        np.bool_,
    )


def _reaches(
    exemplars: Exemplars, near: Nearness, common: float, rules: Rules
) -> NDArray[np.float64]:
    # A picture's own reach is never so high that it would miss itself.
    limited = np.minimum(near.caps, max(SAME_PICTURE, common))
    # References of a kind in mode `copies` may be many, and spend nothing of the rate.
    is_alone = np.array([scope == ReferenceScope.COPIES for scope in exemplars.scopes], np.bool_)
    nearest = np.where(is_alone & (rules.rate > 0), near.few, near.greatest)
    return np.where(claims_copies_only(exemplars, rules), _copies(nearest, common), limited)


def _copies(nearest: NDArray[np.float64], common: float) -> NDArray[np.float64]:
    wanted = np.maximum(COPY_FLOOR, nearest)
    return np.minimum(wanted, max(SAME_PICTURE, common))


def _best_scores(
    vectors: NDArray[np.float32], reaches: NDArray[np.float64], cohort: NDArray[np.float32]
) -> NDArray[np.float32]:
    best = np.full(len(cohort), -2.0, np.float32)
    for block in blocks(len(vectors), _BLOCK):
        cosines = vectors[block] @ cohort.T
        cosines[cosines >= SAME_PICTURE] = -1.0
        cosines -= reaches[block, None].astype(np.float32)
        np.maximum(best, cosines.max(axis=0), out=best)
    return best
