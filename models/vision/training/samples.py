"""The pictures that a training sees, each described by what it takes to make it again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from hashlib import sha256
from os.path import commonpath
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image

from nophoto.models.vision.distractors import draw_distractor
from nophoto.models.vision.drawing import draw, drawn_kind
from nophoto.models.vision.matching.kinds import kind_of_drawing
from nophoto.models.vision.pictures.decoder import Decoder
from nophoto.models.vision.pictures.prepare import bounded, prepare
from nophoto.models.vision.references import ShippedReference, shipped_references
from nophoto.models.vision.training.augmentation import CLASSIC, PLATFORM, augment, classic
from nophoto.models.vision.training.augmentation.hardening import harden, is_photographic
from nophoto.models.vision.training.augmentation.promised import SINGLE, TRIPLE
from nophoto.models.vision.training.augmentation.recolouring import recolour
from nophoto.models.vision.training.augmentation.screens import photograph_of_screen
from nophoto.models.vision.training.recipes import Recipe
from nophoto.models.vocabulary import Kind

FIRST_SEED = 1_000_000
"""Of the drawings of a training: the reference set is drawn from seeds far below."""

_CHANGES = {**CLASSIC, **PLATFORM}
_ALONE = (*_CHANGES.values(), *[PLATFORM["pad"]] * 5)
"""Borders come in many colours and widths, and of most of them a plain tile is another picture."""


PROMISED = {**SINGLE, **TRIPLE}
"""By name."""

_COMMON = (
    "JPEG at quality 50",
    "resized to a quarter",
    "resized to a half",
    "resized to twice",
    "cropped by 10 %",
    "flipped sideways",
)
"""Promised changes that uploads come with."""

_OF_THEIR_COLOURS = frozenset({Kind.BRAND, Kind.PHOTO, Kind.CARTOON, Kind.IDENTICON})
"""Kinds whose pictures in other colours would say nothing of absence, or nothing new."""


class Origin(StrEnum):
    """What a sample's picture is made from."""

    DRAWING = "drawing"
    DISTRACTOR = "distractor"
    REFERENCE = "reference"
    FILE = "file"
    HARDENED = "hardened"
    UPLOAD = "upload"
    """A file or a reference, loaded just as an upload is."""
    CLASSIC = "classic"
    """A file or a reference, changed by the eight augmentations of the baseline recipe."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One picture of a training.

    Attributes:
        origin: what it is made from.
        subject: a seed, the place of a reference in the shipped set, or a file's path.
        pool: what batches are mixed from.
        is_changed: whether it is augmented.
        seed: of its changes, beside the picture itself: whatever else is trained on, the copies of
            a picture stay the same.
        kind: of a placeholder, `Kind.OWN` where nobody has named it; None for a real picture.
        source: equal for pictures that are variants of each other; empty for one alone.
        change: the name of a promised change, which is made instead of augmenting.
        look: 0 for a file as it is; any other number for it in other colours, another placeholder.
    """

    origin: Origin
    subject: int | Path
    pool: str
    is_changed: bool
    seed: int
    kind: Kind | None = None
    source: str = ""
    change: str = ""
    look: int = 0


def placeholder_samples(recipe: Recipe, given: Sequence[Sequence[Path]]) -> Iterator[Sample]:
    """Drawings, the shipped references, and the given ones by source, each with changed copies.

    References have copies and a pool of their own: it is they that must be known again, whatever
    happens to them on their way.
    """
    for number in range(recipe.drawn):
        seed = FIRST_SEED + number
        kind = kind_of_drawing(drawn_kind(seed))
        for variant in range(2):
            yield Sample(Origin.DRAWING, seed, "drawn", variant > 0, seed, kind)
    for place, reference in enumerate(_references()):
        kind = kind_of_drawing(reference.kind)
        for variant in range(recipe.reference_variants + 1):
            yield Sample(Origin.REFERENCE, place, "references", variant > 0, variant, kind)
    for number, paths in enumerate(given):
        for path, (kind, source) in zip(paths, given_kinds(paths), strict=True):
            yield from given_samples(recipe, path, f"given-{number}", kind, source)


def given_samples(
    recipe: Recipe, path: Path, pool: str, kind: Kind, source: str
) -> Iterator[Sample]:
    """A given placeholder with its changed copies, and in other looks, each with a changed copy."""
    source = source or str(path)
    for variant in range(recipe.variants + 1):
        yield Sample(Origin.FILE, path, pool, variant > 0, variant, kind, source)
    if kind in _OF_THEIR_COLOURS:
        return
    for look in range(1, recipe.looks + 1):
        for variant in range(2):
            yield Sample(Origin.FILE, path, pool, variant > 0, variant, kind, source, look=look)


def negative_samples(recipe: Recipe, real: Sequence[Sequence[Path]]) -> Iterator[Sample]:
    """Distractors, and the real pictures of each source with their changed and hardened copies."""
    for number in range(recipe.distractors):
        seed = FIRST_SEED + number
        for variant in range(2):
            yield Sample(Origin.DISTRACTOR, seed, "distractors", variant > 0, seed)
    for source, paths in enumerate(real):
        for path in paths:
            for variant in range(recipe.variants + 1):
                yield Sample(Origin.FILE, path, f"real-{source}", variant > 0, variant)
            for variant in range(recipe.hardened):
                yield Sample(Origin.HARDENED, path, f"real-{source}", False, variant)


def cohort_samples(real: Sequence[Sequence[Path]]) -> Iterator[Sample]:
    """Real pictures as people upload them: as they are, and after what a platform does to all.

    No stronger changes: a reach that keeps them off would lose placeholders for pictures that
    nobody uploads.
    """
    for path in (path for paths in real for path in paths):
        for change in ("", *_COMMON):
            yield Sample(Origin.FILE, path, "cohort", False, 0, change=change)


def upload_samples(paths: Sequence[Path]) -> list[Sample]:
    """The files as a worker would see them, to measure with."""
    return [Sample(Origin.UPLOAD, path, "uploads", False, 0) for path in paths]


def given_kinds(paths: Sequence[Path]) -> list[tuple[Kind, str]]:
    """The kind and the source of each given placeholder, by the folders that it lies in.

    A folder that is called as a kind names the kind of all below it; any other folder below the
    one that holds all of them is a project, whose pictures are variants of each other.
    """
    if not paths:
        return []
    top = Path(commonpath([path.parent for path in paths]))
    found = []
    for path in paths:
        below = path.parent.relative_to(top).parts
        kinds = [part for part in (*top.parts[-1:], *below) if part in set(Kind)]
        projects = [part for part in below if part not in set(Kind)]
        found.append((Kind(kinds[-1]) if kinds else Kind.OWN, "/".join(projects)))
    return found


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
        image = PROMISED[sample.change](image, rng)
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
