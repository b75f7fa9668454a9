"""The one resampler: another one would move every embedding."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nophoto.models.vision.pictures.decode import decode
from nophoto.models.vision.pictures.limits import DEFAULT_LIMITS, LONGEST, PictureLimits


def prepare(image: Image.Image, size: int) -> NDArray[np.uint8]:
    """An RGB picture stretched to (size, size, 3), as a backbone takes it.

    The whole picture is kept, since a caption may stand at its edge; its aspect ratio is not.
    """
    resized = image.resize((size, size), Image.Resampling.BILINEAR, reducing_gap=2.0)
    return np.asarray(resized)


def bounded(image: Image.Image) -> Image.Image:
    """A copy of at most `LONGEST` pixels a side, so that changes of big photographs stay cheap."""
    copy = image.copy()
    copy.thumbnail((LONGEST, LONGEST), Image.Resampling.BICUBIC, reducing_gap=2.0)
    return copy


def load(data: bytes, size: int, limits: PictureLimits = DEFAULT_LIMITS) -> NDArray[np.uint8]:
    """The file in `data` as (size, size, 3) pixels.

    Raises:
        PictureError: whatever is wrong with the bytes; nothing else is raised.
    """
    return prepare(decode(data, at_least=size, limits=limits), size)
