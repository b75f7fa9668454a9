"""Pictures in every format and mode that the loader takes."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw

from nophoto.models.vision.pictures import formats  # noqa: F401 - registers HEIC with Pillow

SIZE = (96, 64)
"""Of the pictures, in pixels: not square, so that a turn shows."""


@pytest.fixture(scope="session")
def photo() -> Image.Image:
    """A picture whose corners all differ, with gradients as a photograph has."""
    width, height = SIZE
    rows, columns = np.mgrid[0:height, 0:width]
    pixels = np.stack(
        [columns * 255 / width, rows * 255 / height, (columns + rows) * 255 / (width + height)], 2
    )
    image = Image.fromarray(pixels.astype(np.uint8))
    ImageDraw.Draw(image).rectangle((4, 4, 30, 20), fill=(250, 40, 30))
    return image


@pytest.fixture(scope="session")
def files(photo: Image.Image) -> dict[str, bytes]:
    """The photo as a file of every kind, each within a few grey levels of it."""
    other = Image.new("RGB", photo.size, (0, 90, 200))
    animation = {"save_all": True, "append_images": [other], "duration": 50}
    opaque = photo.convert("RGBA")
    kinds: dict[str, tuple[Image.Image, str, dict[str, object]]] = {
        "jpeg": (photo, "JPEG", {"quality": 95}),
        "jpeg-progressive": (photo, "JPEG", {"quality": 95, "progressive": True}),
        "jpeg-cmyk": (photo.convert("CMYK"), "JPEG", {"quality": 95}),
        "mpo": (photo, "MPO", {"quality": 95, "save_all": True, "append_images": [other.copy()]}),
        "png": (photo, "PNG", {}),
        "png-rgba": (opaque, "PNG", {}),
        "png-palette": (photo.quantize(256), "PNG", {}),
        "png-animated": (photo, "PNG", animation),
        "webp": (photo, "WEBP", {"quality": 95}),
        "webp-lossless": (opaque, "WEBP", {"lossless": True}),
        "webp-animated": (photo, "WEBP", {**animation, "lossless": True}),
        "gif": (photo.quantize(256), "GIF", {}),
        "gif-animated": (photo.quantize(256), "GIF", animation),
        "bmp": (photo, "BMP", {}),
        "dib": (photo, "DIB", {}),
        "tiff": (photo, "TIFF", {}),
        "tiff-lzw": (photo, "TIFF", {"compression": "tiff_lzw"}),
        "tiff-deflate": (photo, "TIFF", {"compression": "tiff_adobe_deflate"}),
        "tiff-jpeg": (photo, "TIFF", {"compression": "jpeg", "quality": 95}),
        "tiff-cmyk": (photo.convert("CMYK"), "TIFF", {}),
        "tiff-pages": (photo, "TIFF", {"save_all": True, "append_images": [other.copy()]}),
        "avif": (photo, "AVIF", {"quality": 95}),
        "heic": (photo, "HEIF", {"quality": 95}),
    }
    return {name: encode(*kind) for name, kind in kinds.items()}


def encode(image: Image.Image, form: str, options: dict[str, object]) -> bytes:
    file = io.BytesIO()
    # A copy, since some of the writers leave their settings on the picture.
    image.copy().save(file, form, **options)
    return file.getvalue()


@pytest.fixture
def png() -> Callable[..., bytes]:
    """A picture as a PNG file."""
    return lambda image, **options: encode(image, "PNG", options)


@pytest.fixture
def tiff() -> Callable[..., bytes]:
    """A picture as a TIFF file."""
    return lambda image, **options: encode(image, "TIFF", options)
