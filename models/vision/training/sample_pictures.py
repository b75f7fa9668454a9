"""The pictures of samples: decoding what one is made from, and changing it as the sample says."""

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image

from nophoto.models.vision.distractors import draw_distractor
from nophoto.models.vision.drawing import draw
from nophoto.models.vision.pictures.decoder import Decoder
from nophoto.models.vision.pictures.prepare import bounded, prepare
from nophoto.models.vision.references import ShippedReference, shipped_references
from nophoto.models.vision.training.augmentation import CLASSIC, PLATFORM, augment, classic
from nophoto.models.vision.training.augmentation.hardening import harden, is_photographic
from nophoto.models.vision.training.augmentation.promised import SINGLE, TRIPLE
from nophoto.models.vision.training.augmentation.recolouring import recolour
from nophoto.models.vision.training.augmentation.screens import photograph_of_screen
from nophoto.models.vision.training.samples import Origin, Sample

_CHANGES = {**CLASSIC, **PLATFORM}
_ALONE = (*_CHANGES.values(), *[PLATFORM["pad"]] * 5)
"""Borders come in many colours and widths, and of most of them a plain tile is another picture."""

_PROMISED = {**SINGLE, **TRIPLE}
"""By name."""


@dataclass(frozen=True, slots=True)
class DecodedFile:
    """A file as the decoders give it.

    Attributes:
        pixels: (height, width, 3); of an upload (size, size, 3), as the network takes it.
        digest: SHA-256 of the file.
    """

    pixels: NDArray[np.uint8]
    digest: bytes


def decode_subject(sample: Sample, size: int, decoder: Decoder) -> DecodedFile | None:
    """The file that a sample is made from, decoded; None where it is drawn.

    Samples of one file that are no uploads are all made from the same answer.

    Raises:
        PictureError: if it is a file that cannot be decoded.
        OSError: if it is a file that cannot be read.
    """
    if sample.origin in (Origin.DRAWING, Origin.DISTRACTOR):
        return None
    data = file_data(sample)
    if sample.origin is Origin.UPLOAD:
        pixels = decoder.load(data, size)
    else:
        pixels = decoder.bounded_copy(data, max(256, size))
    return DecodedFile(pixels, sha256(data).digest())


def make_picture(sample: Sample, size: int, file: DecodedFile | None) -> NDArray[np.uint8]:
    """The pixels of a sample as the network takes them, (size, size, 3).

    Args:
        sample: what to make.
        size: height and width.
        file: what `decode_subject` gives for it.
    """
    if sample.origin is Origin.UPLOAD and file:
        return file.pixels
    image, rng = _subject(sample, file)
    if sample.look:
        image = recolour(image, rng)
    if sample.change:
        image = _PROMISED[sample.change](image, rng)
    elif sample.origin is Origin.CLASSIC:
        image = classic(image, rng)
    elif sample.origin is Origin.HARDENED and is_photographic(image):
        image = harden(image, rng)
    elif sample.origin is Origin.REFERENCE and sample.is_changed:
        image = _changed_reference(image, rng, sample.seed)
    elif sample.is_changed or sample.origin is Origin.HARDENED:
        count = int(rng.integers(1, 4))
        image = augment(image, rng, _CHANGES, count, float(rng.uniform(0.7, 2.0)))
    return prepare(image, size)


def _changed_reference(image: Image.Image, rng: Generator, copy: int) -> Image.Image:
    """Each change alone; after those three at once, every other time on a screen besides."""
    strength = float(rng.uniform(0.7, 2.0))
    if copy <= len(_ALONE):
        return _ALONE[copy - 1](image, rng, strength)
    image = augment(image, rng, _CHANGES, 3, strength)
    # The change that most are lost by.
    return photograph_of_screen(image, rng, 2.0) if copy % 2 else image


def file_data(sample: Sample) -> bytes:
    """The bytes of a sample that is a file or a reference.

    Raises:
        OSError: if it is a file that cannot be read.
    """
    if isinstance(sample.subject, Path):
        return sample.subject.read_bytes()
    return _references()[sample.subject].data


@cache
def _references() -> list[ShippedReference]:
    return shipped_references()


def _subject(sample: Sample, file: DecodedFile | None) -> tuple[Image.Image, Generator]:
    """The picture unchanged, and the chance of its changes."""
    if file:
        rng = np.random.default_rng([sample.seed, sample.look, *file.digest])
        return Image.fromarray(file.pixels), rng
    # It is drawn: its subject is a seed.
    rng = np.random.default_rng(sample.seed)
    seed = int(str(sample.subject))
    if sample.origin is Origin.DRAWING:
        return bounded(draw(seed).image), rng
    return draw_distractor(seed), rng
