"""Large photographs to measure with, as cameras make them."""

from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from nophoto.jobs.demo.pictures import photographs

_SIDES = (4, 3)
_NOISE = 6.0
"""Standard deviation of a sensor's noise, in grey levels: without it an enlarged photograph would
be far smaller, and sooner decoded, than a real one."""

_DISTINCT = 8
"""Photographs that are encoded; the others are these with another comment in the file."""


def large_photograph(megapixels: float, seed: int = 0) -> Image.Image:
    """A photograph of about so many millions of pixels, 4 to 3."""
    sources = list(photographs())
    unit = (megapixels * 1e6 / (_SIDES[0] * _SIDES[1])) ** 0.5
    size = (round(_SIDES[0] * unit), round(_SIDES[1] * unit))
    with Image.open(sources[seed % len(sources)]) as source:
        enlarged = source.convert("RGB").resize(size, Image.Resampling.BICUBIC)
    rng = np.random.default_rng(seed)
    pixels = np.asarray(enlarged, np.float32)
    noise = rng.normal(0, _NOISE, pixels.shape[:2]).astype(np.float32)[..., np.newaxis]
    return Image.fromarray(np.clip(pixels + noise, 0, 255).astype(np.uint8))


def encode(image: Image.Image, name: str, **options: int) -> bytes:
    """The file of `image` in the format of that name."""
    buffer = BytesIO()
    image.save(buffer, name, **options)
    return buffer.getvalue()


def make_large_corpus(folder: Path, count: int, megapixels: float) -> list[Path]:
    """Write `count` JPEGs of so many megapixels into `folder`, no two with the same bytes."""
    distinct = [
        encode(large_photograph(megapixels, seed), "JPEG", quality=88)
        for seed in range(min(count, _DISTINCT))
    ]
    files = []
    for place in range(count):
        comment = f"{place:06}".encode()
        data = distinct[place % len(distinct)]
        file = folder / f"large-{place:06}.jpg"
        # A comment segment after the two bytes that begin a JPEG.
        segment = b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment
        file.write_bytes(data[:2] + segment + data[2:])
        files.append(file)
    return files
