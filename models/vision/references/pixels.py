"""The shipped references as networks take them: our own files, decoded in this very process."""

import numpy as np
from numpy.typing import NDArray

from nophoto.models.vision.pictures.prepare import load
from nophoto.models.vision.references import shipped_references


def shipped_pixels(size: int, every: int = 1) -> NDArray[np.uint8]:
    """The shipped references, (references, size, size, 3).

    Args:
        size: height and width.
        every: one in so many of them.
    """
    return np.stack([load(item.data, size) for item in shipped_references()[::every]])
