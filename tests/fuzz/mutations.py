"""Damaging files as the world does, and as somebody would who wants a decoder to fail."""

from collections.abc import Callable, Sequence
from io import BytesIO

import numpy as np
from PIL import Image

from nophoto.models.vision.pictures import formats as _formats  # noqa: F401 -- registers HEIF

Rng = np.random.Generator

_EDGES = (0, 1, 0x7F, 0x80, 0xFF)
_WIDE_EDGES = (0, 1, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def seeds() -> list[bytes]:
    """Small files of every allowed format, in several of its kinds."""
    rng = np.random.default_rng(0)
    rgb = Image.fromarray(rng.integers(0, 256, (40, 56, 3), dtype=np.uint8))
    smooth = Image.linear_gradient("L").resize((48, 40)).convert("RGB")
    rgba = smooth.copy()
    rgba.putalpha(Image.linear_gradient("L").resize((48, 40)))
    deep = Image.fromarray(rng.integers(0, 65536, (30, 30)).astype(np.uint16))
    exif = Image.Exif()
    exif[0x0112] = 6
    more = {"save_all": True, "append_images": [smooth.rotate(180)]}
    frames = {"save_all": True, "append_images": [rgb.resize(smooth.size), smooth.rotate(90)]}
    made: list[tuple[Image.Image, str, dict[str, object]]] = [
        (smooth, "JPEG", {"exif": exif}),
        (rgb, "JPEG", {"progressive": True, "quality": 30}),
        (smooth.convert("CMYK"), "JPEG", {}),
        (rgb, "PNG", {"exif": exif}),
        (rgba, "PNG", {}),
        (smooth.convert("P"), "PNG", {"transparency": 0}),
        (deep, "PNG", {}),
        (smooth, "WEBP", {}),
        (rgba, "WEBP", {"lossless": True, "exif": exif}),
        (smooth, "WEBP", more),
        (smooth, "GIF", more),
        (rgba, "GIF", {**frames, "disposal": 2}),
        (smooth, "GIF", {**frames, "disposal": 3}),
        (rgba, "PNG", {**frames, "disposal": 2}),
        (smooth, "PNG", {**frames, "default_image": True}),
        (smooth, "AVIF", {**frames, "speed": 10}),
        (smooth.convert("P"), "GIF", {"transparency": 3}),
        (rgb, "BMP", {}),
        (smooth.convert("P"), "BMP", {}),
        (rgb, "DIB", {}),
        (rgb, "TIFF", {}),
        (smooth, "TIFF", {"compression": "tiff_lzw"}),
        (smooth, "TIFF", {"compression": "jpeg"}),
        (smooth.convert("1"), "TIFF", {"compression": "group4"}),
        (deep, "TIFF", {"compression": "tiff_adobe_deflate"}),
        (smooth, "AVIF", {"exif": exif}),
        (rgba, "AVIF", {"speed": 10}),
        (smooth, "HEIF", {"exif": exif.tobytes()}),
        (rgba, "HEIF", {}),
        (smooth, "MPO", more),
    ]
    return [_saved(image, kind, options) for image, kind, options in made]


def mutate(rng: Rng, files: Sequence[bytes]) -> bytes:
    """A damaged copy of one of `files`."""
    data = bytearray(files[int(rng.integers(len(files)))])
    for _ in range(1 + int(rng.geometric(0.4))):
        _MUTATIONS[int(rng.integers(len(_MUTATIONS)))](rng, data, files)
        if len(data) < 4:
            break
    return bytes(data)


def _flip(rng: Rng, data: bytearray, _: Sequence[bytes]) -> None:
    for place in _places(rng, data):
        data[place] ^= 1 << int(rng.integers(8))


def _edge(rng: Rng, data: bytearray, _: Sequence[bytes]) -> None:
    for place in _places(rng, data):
        data[place] = _EDGES[int(rng.integers(len(_EDGES)))]


def _wide_edge(rng: Rng, data: bytearray, _: Sequence[bytes]) -> None:
    """Sizes, counts and offsets are mostly in the first bytes, in either byte order."""
    width = int(rng.choice([2, 4]))
    value = _WIDE_EDGES[int(rng.integers(len(_WIDE_EDGES)))] & (256**width - 1)
    place = _place(rng, data)
    data[place : place + width] = value.to_bytes(width, "big" if rng.integers(2) else "little")


def _cut(rng: Rng, data: bytearray, _: Sequence[bytes]) -> None:
    del data[int(rng.integers(len(data))) :]


def _remove(rng: Rng, data: bytearray, _: Sequence[bytes]) -> None:
    place = _place(rng, data)
    del data[place : place + int(rng.integers(1, 64))]


def _repeat(rng: Rng, data: bytearray, _: Sequence[bytes]) -> None:
    place = _place(rng, data)
    part = data[place : place + int(rng.integers(1, 256))]
    data[place:place] = part * int(rng.integers(1, 9))


def _splice(rng: Rng, data: bytearray, files: Sequence[bytes]) -> None:
    """The beginning of one file and the end of another."""
    other = files[int(rng.integers(len(files)))]
    data[_place(rng, data) :] = other[int(rng.integers(len(other))) :]


_MUTATIONS: tuple[Callable[[Rng, bytearray, Sequence[bytes]], None], ...] = (
    _flip,
    _flip,
    _edge,
    _wide_edge,
    _wide_edge,
    _cut,
    _remove,
    _repeat,
    _splice,
)


def _place(rng: Rng, data: bytearray) -> int:
    within = min(len(data), 256) if rng.integers(2) else len(data)
    return int(rng.integers(within))


def _places(rng: Rng, data: bytearray) -> list[int]:
    return [_place(rng, data) for _ in range(int(rng.integers(1, 9)))]


def _saved(image: Image.Image, kind: str, options: dict[str, object]) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()
