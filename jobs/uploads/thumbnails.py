"""Small copies of pictures, as text that an HTML page holds in itself."""

import io
from base64 import b64encode

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nophoto.worker.decoding.pool import Decoders

SIDE = 176
"""Pixels of a thumbnail's longer side: sharp at half that size on dense screens."""


def thumbnail(data: bytes, decoders: Decoders) -> str:
    """The picture in `data` as the `data:` URI of a small WebP.

    Raises:
        PictureError: if it cannot be decoded.
    """
    webp = as_webp(decoders.small_copy(data, SIDE))
    return f"data:image/webp;base64,{b64encode(webp).decode()}"


def as_webp(pixels: NDArray[np.uint8]) -> bytes:
    """Pixels (height, width, 3) as a WebP file."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "WEBP", quality=82)
    return file.getvalue()
