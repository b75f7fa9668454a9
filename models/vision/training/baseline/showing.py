"""Sample triplets to look at, with the cosines that the trained network gives them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nophoto.models.vision.engines import Engine
from nophoto.models.vision.pictures.decoder import Decoder
from nophoto.models.vision.references import shipped_references
from nophoto.models.vision.training.sample_pictures import decode_subject, make_picture
from nophoto.models.vision.training.samples import Origin, Sample

SHOWN = 5
"""Triplets of a training that are drawn, and whose cosines are told."""


@dataclass(frozen=True, slots=True)
class TripletSimilarity:
    """The cosines of one triplet.

    Attributes:
        anchor, negative: names of the pictures.
        with_positive, with_negative: of the anchor with either.
    """

    anchor: str
    negative: str
    with_positive: float
    with_negative: float


@dataclass(frozen=True, slots=True)
class ShownTriplet:
    """A triplet and its cosines.

    Attributes:
        pixels: of anchor, positive and negative, each (size, size, 3).
        similarity: its cosines.
    """

    pixels: Sequence[NDArray[np.uint8]]
    similarity: TripletSimilarity


def show(
    triplets: Sequence[tuple[Sample, Sample, Sample]], engine: Engine, size: int, decoder: Decoder
) -> list[ShownTriplet]:
    """Triplets as the trained network sees them.

    Args:
        triplets: anchor, positive and negative of each; all can be read.
        engine: runs the network.
        size: height and width of the pictures that it takes.
        decoder: decodes their files.
    """
    shown = []
    for triplet in triplets:
        pixels = [
            make_picture(sample, size, decode_subject(sample, size, decoder)) for sample in triplet
        ]
        anchor, positive, negative = engine.embed(np.stack(pixels))
        similarity = TripletSimilarity(
            _name(triplet[0]),
            _name(triplet[2]),
            float(anchor @ positive),
            float(anchor @ negative),
        )
        shown.append(ShownTriplet(pixels, similarity))
    return shown


def own_triplet(own: Path, other: tuple[Sample, Sample, Sample]) -> tuple[Sample, Sample, Sample]:
    """A picture, itself changed by the eight augmentations, and the negative of another triplet."""
    return (
        Sample(Origin.UPLOAD, own, "", False, 0),
        Sample(Origin.CLASSIC, own, "", True, 0),
        other[2],
    )


def _name(sample: Sample) -> str:
    if isinstance(sample.subject, Path):
        return sample.subject.name
    return shipped_references()[sample.subject].name
