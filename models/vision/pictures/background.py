"""Flattens transparency on the background that keeps the picture visible.

Many placeholders are white drawings on nothing: on white they would vanish, and the network would
see a blank tile.
"""

import numpy as np
from PIL import Image

_CANDIDATES = (255, 0, 128)
"""Grey levels in order of preference: pages are white, or dark; grey shows black and white both."""

_NOTICEABLE = 32
"""Grey levels by which a pixel must differ from the background to be seen against it."""

_SHARE_ON_WHITE = 0.5
"""White serves where at least this share of what is painted can be seen on it."""

_SAMPLE = 64
"""Side, in pixels, of the small copy on which the choice is made."""


def flatten(image: Image.Image) -> Image.Image:
    """An RGB picture of an RGBA one, on the first background that shows most of it.

    A picture that is transparent throughout becomes a white tile.
    """
    level = _background(image)
    canvas = Image.new("RGB", image.size, (level, level, level))
    canvas.paste(image, mask=image.getchannel("A"))
    return canvas


def _background(image: Image.Image) -> int:
    # Shrunk with premultiplied alpha: colours hidden under full transparency must not bleed in.
    small = image.convert("RGBa")
    small.thumbnail((_SAMPLE, _SAMPLE), Image.Resampling.BOX)
    pixels = np.asarray(small.convert("RGBA"), dtype=np.int16).reshape(-1, 4)
    colours, alpha = pixels[:, :3], pixels[:, 3].astype(np.float64)
    if not alpha.any():
        return _CANDIDATES[0]
    shares = {}
    for level in _CANDIDATES:
        contrast = np.abs(colours - level).max(axis=1)
        shares[level] = float(alpha[contrast >= _NOTICEABLE].sum() / alpha.sum())
    if shares[255] >= _SHARE_ON_WHITE:
        return 255
    return max(_CANDIDATES, key=lambda level: shares[level])
