"""The reach of each reference: the similarity from which on it claims a picture.

A cohort of real pictures says how near such pictures come to each reference. With the rate
`alpha` that the operator allows:

    q_r   = the cosine that at most a share cap of the cohort reaches with reference r
    cap   = the greatest share, up to CAP_SHARE * alpha, for which at most a share alpha of the
            cohort is claimed by any reference with reach q_r
    reach = q_r
    reach of a reference that claims only its copies
          = max(COPY_FLOOR, the cosine that at most a share COPY_CAP of the cohort reaches)
    reach of each of a whole kind that claims only copies
          = max(KIND_COPY_FLOOR, the greatest cosine of the cohort)

So every reference spends the same part of the rate, and one among real pictures claims less than
one far from them. References that the same pictures come near to spend it together.

A cohort may come from several sources, the shipped one and the platform's own say. The rate and the
caps hold for each of them by itself: every number above is the greatest that any source asks for.
The platform's own pictures were judged real by these very reaches, so that they lack what lies
beyond; together with the others they would lower the reaches a little every night.

This is cohort score normalisation, as in speaker verification, and close to the radius that the
Extreme Value Machine (Rudd et al. 2017) gives each exemplar.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from nophoto.models.vision.matching.cohort_cosines import (
    Cohorts,
    Nearness,
    best_scores,
    exceeded_by,
    greatest_cap,
    nearness,
)
from nophoto.models.vision.matching.constants import COPY_FLOOR, KIND_COPY_FLOOR, SAME_PICTURE
from nophoto.models.vocabulary import (
    DEFAULT_FALSE_POSITIVE_RATE,
    DEFAULT_KIND_MODES,
    Kind,
    KindMode,
    ReferenceScope,
)


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
    cap = min(greatest_cap(exemplars.vectors[of_kind], cohort, rules.rate) for cohort in cohorts)
    near = nearness(exemplars.vectors, cohorts, cap)
    common = float(np.median(near.caps[of_kind])) if of_kind.any() else -1.0
    reaches = _reaches(exemplars, near, common, rules)
    vectors, least = exemplars.vectors[of_kind], reaches[of_kind]
    scores = [best_scores(vectors, least, cohort) for cohort in cohorts]
    low = min(0.0, *(exceeded_by(some, 2 * rules.rate) for some in scores))
    high = max(0.0, *(exceeded_by(some, rules.rate / 2) for some in scores))
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
    near = nearness(vectors, cohorts, 0.0)
    return _limited(np.maximum(COPY_FLOOR, near.few), common)


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
    # References of a kind in mode `copies` may be many, and spend nothing of the rate.
    is_alone = np.array([scope == ReferenceScope.COPIES for scope in exemplars.scopes], np.bool_)
    copies = np.where(
        is_alone & (rules.rate > 0),
        np.maximum(COPY_FLOOR, near.few),
        np.maximum(KIND_COPY_FLOOR, near.greatest),
    )
    return _limited(np.where(claims_copies_only(exemplars, rules), copies, near.caps), common)


def _limited(reaches: NDArray[np.float64], common: float) -> NDArray[np.float64]:
    """A picture's own reach is never so high that it would miss itself."""
    return np.minimum(reaches, max(SAME_PICTURE, common))
