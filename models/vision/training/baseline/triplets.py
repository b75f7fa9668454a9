"""The offline triplets of the baseline recipe, as activations of the frozen part."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nophoto.models.errors import NophotoError
from nophoto.models.vision.training.baseline.anchors import Anchors, AnchorsError
from nophoto.models.vision.training.baseline.recipe import BaselineRecipe
from nophoto.models.vision.training.frozen import FrozenNetwork
from nophoto.models.vision.training.reporting import Reporter
from nophoto.models.vision.training.samples import Origin, Sample


class NoNegativesError(NophotoError):
    """There is no real picture to be a negative."""


Group = tuple[Sample, ...]
"""Samples that are of use only together."""

Activations = Sequence[NDArray[np.float16]]
"""Of a group, one row (values,) for each of its samples."""


@dataclass(frozen=True, slots=True)
class Triplets:
    """Triplets whose three pictures could all be read.

    Attributes:
        samples: anchor, positive and negative of each.
        activations: of each picture, flat, by its sample.
    """

    samples: Sequence[tuple[Sample, Sample, Sample]]
    activations: Mapping[Sample, NDArray[np.float16]]

    def arrays(self, places: Sequence[int]) -> tuple[NDArray[np.float16], ...]:
        """The activations of some triplets' anchors, positives and negatives, each (n, values)."""
        return tuple(
            np.stack([self.activations[self.samples[place][role]] for place in places])
            for role in range(3)
        )


def make_triplets(
    recipe: BaselineRecipe,
    anchors: Anchors,
    real: Sequence[Path],
    frozen: FrozenNetwork,
    reporter: Reporter,
) -> Triplets:
    """One triplet for each of at most `recipe.anchors` anchors.

    Anchors and negatives are drawn by the recipe's seed; a negative comes twice only where there
    are too few. For a picture that cannot be read another is taken.

    Raises:
        AnchorsError: if fewer than 2 anchors can be read.
        NoNegativesError: if no real picture can be read.
    """
    rng = np.random.default_rng(recipe.seed)

    def take(stage: str, groups: Sequence[Group], most: int) -> dict[Group, Activations]:
        shuffled = [groups[place] for place in rng.permutation(len(groups))]
        return _readable(stage, shuffled, most, frozen, reporter)

    pairs = take("anchors and positives", _pairs(anchors), recipe.anchors)
    if len(pairs) < 2:
        raise AnchorsError(
            f"a training needs at least 2 anchors, and {len(pairs)} can be read; name a folder "
            "with more placeholder pictures"
        )
    negatives = take("negatives", [(_upload(path),) for path in real], len(pairs))
    if not negatives:
        raise NoNegativesError(
            "there are no negatives: no real picture was given, or none can be read. Name a folder "
            "of photographs with --real"
        )
    activations = {
        sample: row
        for groups in (pairs, negatives)
        for group, rows in groups.items()
        for sample, row in zip(group, rows, strict=True)
    }
    samples = [
        (anchor, positive, negative)
        for (anchor, positive), (negative,) in zip(pairs, cycle(negatives), strict=False)
    ]
    return Triplets(samples, activations)


def _pairs(anchors: Anchors) -> list[Group]:
    if anchors.positives is None:
        return [
            (_upload(subject), Sample(Origin.CLASSIC, subject, "", True, 0))
            for subject in anchors.subjects
        ]
    both = zip(anchors.subjects, anchors.positives, strict=True)
    return [(_upload(left), _upload(right)) for left, right in both]


def _upload(subject: Path | int) -> Sample:
    return Sample(Origin.UPLOAD, subject, "", False, 0)


def _readable(
    stage: str, groups: Sequence[Group], most: int, frozen: FrozenNetwork, reporter: Reporter
) -> dict[Group, Activations]:
    """The activations of the first `most` groups of which every picture can be read."""
    found: dict[Group, Activations] = {}
    tried = 0
    while len(found) < most and tried < len(groups):
        some = groups[tried : tried + most - len(found)]
        tried += len(some)
        flat = [sample for group in some for sample in group]
        computed = frozen.compute(stage, flat, reporter)
        rows = dict(zip((flat[place] for place in computed.places), computed.values, strict=True))
        for group in some:
            if all(sample in rows for sample in group):
                found[group] = [rows[sample] for sample in group]
    return found
