"""Small copies of pictures, as text that an HTML page holds in itself."""

import io
from base64 import b64encode

from PIL import Image

from nophoto.models.vision.pictures import PictureLimits, decode

SIDE = 176
"""Pixels of a thumbnail's longer side: sharp at half that size on dense screens."""


def thumbnail(data: bytes, limits: PictureLimits) -> str:
    """The picture in `data` as the `data:` URI of a small WebP.

    Raises:
        PictureError: if it cannot be decoded.
    """
    image = decode(data, at_least=SIDE, limits=limits)
    image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    image.save(file, "WEBP", quality=80)
    return f"data:image/webp;base64,{b64encode(file.getvalue()).decode()}"
