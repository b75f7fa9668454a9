"""The reach of each reference: the similarity from which on it claims a picture.

A cohort of real pictures says how near such pictures come to each reference. With the rate
`alpha` that the operator allows, and `CAP` and the others in `constants`:

    q_r   = the cosine that at most a share CAP of the cohort reaches with reference r
    tau   = the least number for which at most a share alpha of the cohort is claimed
            by any reference with reach max(tau, q_r)
    reach = max(tau, q_r)
    reach of a reference that claims only its copies
          = max(tau, COPY_FLOOR, greatest cosine with the cohort + COPY_MARGIN)

A cohort may come from several sources, the shipped one and the platform's own say. The rate and the
caps hold for each of them by itself: every number above is the greatest that any source asks for.
The platform's own pictures were judged real by these very reaches, so that they lack what lies
beyond; together with the others they would lower the reaches a little every night.

This is cohort score normalisation, as in speaker verification, and close to the radius that the
Extreme Value Machine (Rudd et al. 2017) gives each exemplar.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import floor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nophoto.models.vision.matching.constants import (
    CAP,
    COPY_FLOOR,
    COPY_MARGIN,
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
        common: the reach that all references have, unless real pictures come nearer than that.
        caps: q_r of the references that it was made with, (r,).
        reaches: their reaches, (r,).
        band: the lowest and the highest score that are marked for review.
    """

    common: float
    caps: NDArray[np.float64]
    reaches: NDArray[np.float64]
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
    if not cohorts or not len(exemplars):
        common = fallback.threshold
        caps = np.full(len(exemplars), common)
        reaches = _reaches(exemplars, caps, np.full(len(exemplars), -1.0), common, rules)
        low, high = fallback.review_low - common, fallback.review_high - common
        return Calibration(common, caps, reaches, (low, high))
    claims = [_claims(exemplars.vectors, cohort) for cohort in cohorts]
    caps, greatest = _greatest(claims, len(exemplars))
    of_kind = ~_claims_copies_only(exemplars, rules)
    common = max(
        _common(some, caps, of_kind, len(cohort), rules.rate)
        for some, cohort in zip(claims, cohorts, strict=True)
    )
    reaches = _reaches(exemplars, caps, greatest, common, rules)
    scores = [_best_scores(exemplars.vectors, reaches, cohort) for cohort in cohorts]
    low = min(0.0, *(_exceeded_by(some, 2 * rules.rate) for some in scores))
    high = max(0.0, *(_exceeded_by(some, rules.rate / 2) for some in scores))
    return Calibration(common, caps, reaches, (low, high))


def reaches_of(
    others: Exemplars, cohorts: Cohorts, calibration: Calibration, rules: Rules
) -> NDArray[np.float64]:
    """The reaches, (r,), that other references would have beside those of `calibration`.

    Those in quarantine, say, or those that are being added.
    """
    caps, greatest = nearness(others.vectors, cohorts)
    return _reaches(others, caps, greatest, calibration.common, rules)


def copy_reaches(
    vectors: NDArray[np.float32], cohorts: Cohorts, common: float
) -> NDArray[np.float64]:
    """From which similarity on a picture is a changed copy of one of `vectors` (r, d), (r,)."""
    _, greatest = nearness(vectors, cohorts)
    return _copies(greatest, common)


@dataclass(frozen=True, slots=True)
class _Claims:
    """What each of some vectors claims of one cohort by its own `q_r`, few pictures each.

    Attributes:
        caps: q_r, (r,).
        greatest: the greatest cosine with the cohort, (r,).
        rows, pictures, cosines: of each claim, its vector, its picture and their cosine.
    """

    caps: NDArray[np.float64]
    greatest: NDArray[np.float64]
    rows: NDArray[np.intp]
    pictures: NDArray[np.intp]
    cosines: NDArray[np.float32]


def nearness(
    vectors: NDArray[np.float32], cohorts: Cohorts
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """`q_r` of each vector and its greatest cosine with real pictures, copies of it left out.

    Returns:
        Both (r,), and -1 where there are no real pictures.
    """
    return _greatest([_claims(vectors, cohort) for cohort in cohorts if len(cohort)], len(vectors))


def _greatest(
    claims: Sequence[_Claims], count: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    nothing = np.full(count, -1.0)
    return (
        np.maximum.reduce([nothing, *(some.caps for some in claims)]),
        np.maximum.reduce([nothing, *(some.greatest for some in claims)]),
    )


def _claims(vectors: NDArray[np.float32], cohort: NDArray[np.float32]) -> _Claims:
    place = len(cohort) - 1 - floor(CAP * len(cohort))
    caps, greatest = np.empty(len(vectors)), np.empty(len(vectors))
    found: list[tuple[NDArray[np.intp], NDArray[np.float32]]] = []
    for block in blocks(len(vectors), _BLOCK):
        cosines = vectors[block] @ cohort.T
        cosines[cosines >= SAME_PICTURE] = -1.0
        greatest[block] = cosines.max(axis=1)
        caps[block] = _above(np.partition(cosines, place, axis=1)[:, place])
        claimed = np.flatnonzero(cosines >= caps[block, None].astype(np.float32))
        found.append((claimed + block.start * len(cohort), cosines.ravel()[claimed]))
    places = np.concatenate([some for some, _ in found]) if found else np.empty(0, np.intp)
    values = np.concatenate([some for _, some in found]) if found else np.empty(0, np.float32)
    return _Claims(caps, greatest, *np.divmod(places, len(cohort)), values)


def _common(
    claims: _Claims,
    caps: NDArray[np.float64],
    of_kind: NDArray[np.bool_],
    count: int,
    rate: float,
) -> float:
    """`tau` by one cohort of `count` pictures, where references begin at `caps` at the least."""
    counted = of_kind[claims.rows] & (claims.cosines >= caps[claims.rows].astype(np.float32))
    strongest = np.full(count, -1.0, np.float32)
    np.maximum.at(strongest, claims.pictures[counted], claims.cosines[counted])
    return _exceeded_by(strongest, rate)


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


def _claims_copies_only(exemplars: Exemplars, rules: Rules) -> NDArray[np.bool_]:
    return np.array(
        [
            rules.rate == 0 or scope == ReferenceScope.COPIES or rules.mode(kind) == KindMode.COPIES
            for kind, scope in zip(exemplars.kinds, exemplars.scopes, strict=True)
        ],
        np.bool_,
    )


def _reaches(
    exemplars: Exemplars,
    caps: NDArray[np.float64],
    greatest: NDArray[np.float64],
    common: float,
    rules: Rules,
) -> NDArray[np.float64]:
    of_kind = np.maximum(common, caps)
    # A picture's own reach is never so high that it would miss itself.
    limited = np.minimum(of_kind, max(SAME_PICTURE, common))
    only_copies = _claims_copies_only(exemplars, rules)
    return np.where(only_copies, _copies(greatest, common), limited)


def _copies(greatest: NDArray[np.float64], common: float) -> NDArray[np.float64]:
    wanted = np.maximum(max(COPY_FLOOR, common), greatest + COPY_MARGIN)
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
