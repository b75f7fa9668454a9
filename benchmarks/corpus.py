"""Pictures to measure with: made of what installed packages carry, or from a folder."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.random import Generator
from PIL import Image

from nophoto.jobs.demo.pictures import photographs
from nophoto.jobs.files import find_pictures
from nophoto.models.errors import NophotoError
from nophoto.models.vision.drawing import draw
from nophoto.models.vision.pictures import PictureError
from nophoto.models.vision.pictures.prepare import load

LONGEST_SIDE = (250, 500)
"""Pixels: what platforms make of uploads for lists and pages."""

ONE_PLACEHOLDER_IN = 5
"""Pictures; the others are photographs."""

FIRST_SEED = 100_000
"""Of the placeholders, far from those of the reference set and of the demo."""

_QUALITY = (70, 93)


CorpusFolder = Annotated[
    Path | None,
    typer.Option(
        "--corpus",
        metavar="DIR",
        help="Take the pictures from there; else they are made.",
        exists=True,
        file_okay=False,
    ),
]
"""The option of a benchmark that measures with any pictures."""


class CorpusError(NophotoError):
    """There are not enough pictures to measure with."""


def take_corpus(corpus: Path | None, folder: Path, count: int, *, fewest: int = 1) -> list[Path]:
    """Up to `count` pictures of `corpus`, or without one as many that are made in `folder`.

    No two have the same bytes.

    Raises:
        CorpusError: if it holds fewer than `fewest`.
    """
    if not corpus:
        return make_corpus(folder, count)
    files = find_corpus(corpus, count)
    if len(files) < fewest:
        raise CorpusError(
            f"{corpus} holds {len(files)} different pictures that can be judged; this takes "
            f"{fewest} or more: name another folder"
        )
    return files


def make_corpus(folder: Path, count: int, seed: int = 0) -> list[Path]:
    """Write `count` JPEGs into `folder`, the same ones for the same seed.

    Each is another cutting of a photograph or another drawn placeholder, so that no two have the
    same bytes: nophoto embeds the same bytes only once.

    Raises:
        DemoPicturesError: if the packages that carry the photographs are not installed.
    """
    sources = [Image.open(file).convert("RGB") for file in photographs()]
    files = []
    for place in range(count):
        rng = np.random.default_rng([seed, place])
        longest_side = int(rng.integers(*LONGEST_SIDE, endpoint=True))
        if place % ONE_PLACEHOLDER_IN:
            image = _cutting(sources[int(rng.integers(len(sources)))], longest_side, rng)
        else:
            drawing = draw(FIRST_SEED + seed * count + place, longest_side=longest_side)
            image = drawing.image
        file = folder / f"{place:06}.jpg"
        image.save(file, quality=int(rng.integers(*_QUALITY)))
        files.append(file)
    return files


def find_corpus(folder: Path, count: int | None = None) -> list[Path]:
    """The first `count` pictures of a folder, or all, none with the bytes of another.

    What cannot be judged is passed over.

    Raises:
        CorpusError: if it holds none.
    """
    files: list[Path] = []
    for file in _distinct(folder):
        files.append(file)
        if len(files) == count:
            break
    if not files:
        raise CorpusError(f"{folder} holds no picture that can be judged; name another folder")
    return files


def _distinct(folder: Path) -> Iterator[Path]:
    digests = set()
    for name in find_pictures([str(folder)]).uris:
        data = Path(name).read_bytes()
        digest = sha256(data).digest()
        if digest in digests:
            continue
        digests.add(digest)
        try:
            load(data, 32)
        except PictureError:
            continue
        yield Path(name)


def _cutting(source: Image.Image, longest_side: int, rng: Generator) -> Image.Image:
    width, height = (side * rng.uniform(0.4, 1.0) for side in source.size)
    left = rng.uniform(0, source.width - width)
    top = rng.uniform(0, source.height - height)
    scale = longest_side / max(width, height)
    return source.resize(
        (max(1, round(width * scale)), max(1, round(height * scale))),
        Image.Resampling.BICUBIC,
        box=(left, top, left + width, top + height),
        reducing_gap=2.0,
    )
