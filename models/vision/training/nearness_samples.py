"""The changed copies by which it is measured what a reference claims."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nophoto.models.vision.references import shipped_references
from nophoto.models.vision.training.augmentation.promised import SINGLE, TRIPLE
from nophoto.models.vision.training.samples import Origin, Sample

if TYPE_CHECKING:
    from nophoto.models.vision.training.cross_validation import KnownPicture

PHOTOGRAPHS = 200
"""Real pictures that are tried as references, of every fold together."""

_FIRST_SEED = 5_000
"""Of the changes: none of a training's."""


@dataclass(frozen=True, slots=True)
class NearnessSamples:
    """Changed copies, and what each is a copy of.

    Attributes:
        samples: the changed copies.
        is_single: whether one change was made, or three, (n,).
    """

    samples: Sequence[Sample]
    is_single: NDArray[np.bool_]

    def at(self, places: NDArray[np.intp]) -> "NearnessSamples":
        """Those at some places."""
        return NearnessSamples([self.samples[place] for place in places], self.is_single[places])


def nearness_samples(pictures: "Sequence[KnownPicture]") -> NearnessSamples:
    """Every shipped reference, and `PHOTOGRAPHS` real pictures, after each promised change."""
    real = [picture.path for picture in pictures if not picture.is_placeholder]
    chosen = np.random.default_rng(0).permutation(len(real))[:PHOTOGRAPHS]
    subjects: list[tuple[Origin, int | Path]] = [
        *((Origin.REFERENCE, place) for place in range(len(shipped_references()))),
        *((Origin.FILE, real[place]) for place in sorted(chosen)),
    ]
    samples = [
        Sample(origin, subject, "changed", True, _FIRST_SEED + number, change=change)
        for origin, subject in subjects
        for number, change in enumerate((*SINGLE, *TRIPLE))
    ]
    is_single = np.array([sample.change in SINGLE for sample in samples], np.bool_)
    return NearnessSamples(samples, is_single)
