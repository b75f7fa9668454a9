"""Makes photographs that have little to see: parts of them, darkened, blurred, washed out."""

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageEnhance, ImageFilter

_MOST_EVEN = 0.4
"""Share of pixels that equal their right neighbour."""


def harden(image: Image.Image, rng: Generator) -> Image.Image:
    """A photograph of a wall, of the sky, of the night, made from an ordinary one.

    Flat, dark and blurred photographs are the likeliest false alarms, and rare in most
    collections. What the camera leaves in them (noise, falling-off light) stays.
    """
    if rng.random() < 0.6:
        image = _part(image, rng)
    style = rng.random()
    if style < 0.35:
        image = ImageEnhance.Brightness(image).enhance(rng.uniform(0.12, 0.5))
    elif style < 0.6:
        reach = max(image.size) * rng.uniform(0.01, 0.04)
        image = image.filter(ImageFilter.GaussianBlur(reach))
    elif style < 0.8:
        washed = ImageEnhance.Contrast(image).enhance(rng.uniform(0.15, 0.5))
        image = ImageEnhance.Brightness(washed).enhance(rng.uniform(0.9, 1.5))
    noise = rng.normal(0, rng.uniform(0, 5), (image.height, image.width, 1))
    pixels = np.asarray(image, np.float32) + noise
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def is_photographic(image: Image.Image) -> bool:
    """Whether most pixels differ from their neighbour, as a camera's do and a graphic's do not.

    A flat graphic is not hardened: what is left of a logo or a chart is a blank tile, which is a
    placeholder.
    """
    grey = np.asarray(image.convert("L"))
    return bool(grey.shape[1] > 1 and (grey[:, 1:] == grey[:, :-1]).mean() < _MOST_EVEN)


def _part(image: Image.Image, rng: Generator) -> Image.Image:
    share = rng.uniform(0.12, 0.5)
    width, height = max(16, round(image.width * share)), max(16, round(image.height * share))
    left = int(rng.integers(0, max(1, image.width - width)))
    top = int(rng.integers(0, max(1, image.height - height)))
    return image.crop((left, top, left + width, top + height))
