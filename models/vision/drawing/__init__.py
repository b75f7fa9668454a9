"""Draws placeholder pictures, the same ones for the same seed."""

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.random import Generator
from PIL import Image

from nophoto.models.vision.drawing.canvas import Canvas
from nophoto.models.vision.drawing.kinds import KINDS
from nophoto.models.vision.drawing.palette import palette

__all__ = ["KINDS", "LONGEST", "SHORTEST", "Drawing", "draw", "drawn_kind"]

SHORTEST, LONGEST = 64, 512
"""The bounds of a drawing's longest side in pixels."""


@dataclass(frozen=True)
class Drawing:
    """A placeholder picture of our own.

    Attributes:
        image: RGB.
        kind: which of `KINDS` it is.
        seed: what it was drawn from.

    """

    image: Image.Image
    kind: str
    seed: int


def drawn_kind(seed: int) -> str:
    """Which of `KINDS` a seed draws where no kind is asked for, by their weights."""
    weights = np.array([kind.weight for kind in KINDS.values()])
    return str(np.random.default_rng(seed).choice(list(KINDS), p=weights / weights.sum()))


def draw(seed: int, kind: str | None = None, *, longest_side: int | None = None) -> Drawing:
    """Draw one placeholder picture.

    Args:
        seed: any number from 0; the same seed gives the same picture.
        kind: one of `KINDS`; drawn by their weights where none is given.
        longest_side: pixels, at least `SHORTEST`; drawn from `SHORTEST` to `LONGEST` where none
            is given. Captions too small to read are left out, so that the
            same seed at another size is a similar picture, not always an enlarged one.

    Raises:
        KeyError: if there is no such kind.
        ShapingError: if Pillow cannot set a caption's script on this machine.

    """
    if kind is None:
        kind = drawn_kind(seed)
    chosen = KINDS[kind]
    rng = np.random.default_rng([seed, crc32(kind.encode())])
    size = _size(rng, chosen.aspects, longest_side)
    canvas = Canvas.of_size(*size, palette(rng))
    chosen.paint(canvas, rng)
    image = canvas.finished()
    if rng.random() < 0.04:
        image = _coarse(image, rng)
    return Drawing(image, kind, seed)


def _size(rng: Generator, aspects: Sequence[float], longest_side: int | None) -> tuple[int, int]:
    """Small sizes are as common as large ones: the logarithm is uniform."""
    drawn = round(float(np.exp(rng.uniform(np.log(SHORTEST), np.log(LONGEST)))))
    aspect = aspects[int(rng.integers(len(aspects)))]
    longest = longest_side or drawn
    if aspect >= 1:
        return longest, max(1, round(longest / aspect))
    return max(1, round(longest * aspect)), longest


def _coarse(image: Image.Image, rng: Generator) -> Image.Image:
    """The picture as it looks after a life as a thumbnail."""
    share = min(1.0, max(rng.uniform(0.15, 0.4), SHORTEST / max(image.size)))
    small = image.resize(
        (round(image.width * share), round(image.height * share)), Image.Resampling.BILINEAR
    )
    filters = (Image.Resampling.NEAREST, Image.Resampling.BILINEAR, Image.Resampling.BICUBIC)
    return small.resize(image.size, filters[int(rng.integers(3))])
