"""Turns every pixel mode that the allowed formats can hold into 8-bit RGB."""

import numpy as np
from PIL import Image

from models.vision.pictures.background import flatten


def to_rgb(image: Image.Image) -> Image.Image:
    """The picture in RGB, 8 bits a channel, without transparency.

    Colour profiles are ignored: the network was trained without them, and a profile moves an
    embedding less than it would cost to apply.
    """
    if image.mode == "RGB" and "transparency" not in image.info:
        return image
    if image.mode.startswith("I") or image.mode == "F":
        return _to_eight_bits(image).convert("RGB")
    if image.has_transparency_data:
        return flatten(image.convert("RGBA"))
    return image.convert("RGB")


def _to_eight_bits(image: Image.Image) -> Image.Image:
    """A grey picture of a deeper one, by its own range where that is no standard one."""
    values = np.asarray(image, dtype=np.float64)
    values = np.nan_to_num(values, posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    if image.mode.startswith("I;16") or (image.mode == "I" and low >= 0 and 255 < high < 65536):
        low, high = 0.0, 65535.0
    elif low >= 0 and high <= 255:
        low, high = 0.0, 255.0
    scaled = (values - low) * (255.0 / (high - low))
    return Image.fromarray(scaled.round().astype(np.uint8))
