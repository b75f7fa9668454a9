"""How near the real pictures of a cohort come to references, copies of these left out."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nophoto.models.vision.matching.constants import CAP_SHARE, COPY_CAP, SAME_PICTURE
from nophoto.models.vision.matching.nearest import blocks

_BLOCK = 512
"""References of one product: 20 MB with a cohort of 10,000."""

_MOST_CLAIMED = 2_000
"""Pictures of a cohort that a set may claim, whatever the rate: 80 MB with 10,000 references."""

_ROUNDING = 1e-6
"""By so much a cosine may differ through the order of additions alone."""

Cohorts = Sequence[NDArray[np.float32]]
"""L2-normalised embeddings of real pictures, (n, d), by source."""


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
        places = np.array(
            [
                max(0, len(cohort) - 1 - floor(share * len(cohort) + 1e-9))
                for share in (cap, COPY_CAP, 0.0)
            ]
        )
        for block in blocks(len(vectors) if len(cohort) else 0, _BLOCK):
            cosines = vectors[block] @ cohort.T
            cosines[cosines >= SAME_PICTURE] = -1.0
            # To find one place and sort what lies beyond takes a fourth of finding all three.
            first = places.min()
            cosines.partition(first, axis=1)
            beyond = np.sort(cosines[:, first:], axis=1)[:, places - first]
            np.maximum(reached[:, block], _above(beyond.T), out=reached[:, block])
    return Nearness(*reached)


def greatest_cap(vectors: NDArray[np.float32], cohort: NDArray[np.float32], rate: float) -> float:
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


def exceeded_by(values: NDArray[np.floating[Any]], share: float) -> float:
    """The least number that at most this share of `values` reaches."""
    allowed = floor(share * len(values) + 1e-9)
    if allowed >= len(values):
        return -1.0
    place = len(values) - 1 - allowed
    return float(_above(np.partition(values, place)[place : place + 1])[0])


def best_scores(
    vectors: NDArray[np.float32], reaches: NDArray[np.float64], cohort: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Of each real picture, by how much it exceeds the reach of a reference at the most, (n,)."""
    best = np.full(len(cohort), -2.0, np.float32)
    for block in blocks(len(vectors), _BLOCK):
        cosines = vectors[block] @ cohort.T
        cosines[cosines >= SAME_PICTURE] = -1.0
        cosines -= reaches[block, None].astype(np.float32)
        np.maximum(best, cosines.max(axis=0), out=best)
    return best


def _above(values: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """A number that is surely above each, however its cosine is computed."""
    return np.where(values <= -1.0, -1.0, values.astype(np.float64) + _ROUNDING)
