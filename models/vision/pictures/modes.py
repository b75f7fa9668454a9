"""Turns every pixel mode that the allowed formats can hold into 8-bit RGB."""

import numpy as np
from PIL import Image

from nophoto.models.vision.pictures.background import flatten

_SHRINKABLE = ("RGB", "L", "LA", "RGBA", "CMYK", "YCbCr", "I", "F")
"""Modes that Pillow averages correctly, transparency included."""

_GAP = 4
"""How many times larger than needed a shrunk picture stays, for the resampler to work on."""


def to_rgb(image: Image.Image, at_least: int) -> Image.Image:
    """The picture in RGB, 8 bits a channel, without transparency.

    What must be converted is shrunk before, since every step makes a copy; both sides stay at
    least four times `at_least` pixels long.

    Colour profiles are ignored: the network was trained without them, and a profile moves an
    embedding less than it would cost to apply.
    """
    if image.mode == "RGB" and "transparency" not in image.info:
        return image
    if image.mode.startswith("I") or image.mode == "F":
        return _to_eight_bits(image, at_least).convert("RGB")
    if image.has_transparency_data:
        # Conversion to the mode that it has would copy it.
        rgba = image if image.mode == "RGBA" else image.convert("RGBA")
        return flatten(shrunk(rgba, at_least))
    return shrunk(image, at_least).convert("RGB")


def shrunk(image: Image.Image, at_least: int) -> Image.Image:
    """A smaller copy whose sides are at least four times `at_least`, or the picture itself."""
    factor = min(image.size) // (_GAP * at_least)
    return image.reduce(factor) if factor > 1 and image.mode in _SHRINKABLE else image


def _to_eight_bits(image: Image.Image, at_least: int) -> Image.Image:
    """A grey picture of a deeper one, by its own range where that is no standard one."""
    is_sixteen_bit = image.mode.startswith("I;16")
    whole = image.convert("I") if is_sixteen_bit else image
    values = np.asarray(shrunk(whole, at_least), dtype=np.float64)
    values = np.nan_to_num(values, posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    if low >= 0:
        if is_sixteen_bit or (image.mode == "I" and 255 < high < 65536):
            low, high = 0.0, 65535.0
        elif image.mode == "F" and high <= 1:
            low, high = 0.0, 1.0
        elif high <= 255:
            low, high = 0.0, 255.0
    # A picture of one value has no range, and becomes black.
    scaled = (values - low) * (255.0 / ((high - low) or 1.0))
    return Image.fromarray(scaled.round().astype(np.uint8))
