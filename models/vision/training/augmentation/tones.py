"""Changes of light and colour."""

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageEnhance


def brightness(image: Image.Image, rng: Generator, strength: float = 1.0) -> Image.Image:
    """Up to 30 % darker or lighter."""
    factor = max(0.15, 1 + rng.uniform(-0.3, 0.3) * strength)
    return ImageEnhance.Brightness(image).enhance(factor)


def contrast(image: Image.Image, rng: Generator, strength: float = 1.0) -> Image.Image:
    """Up to 30 % less or more contrast, as scanners and cheap screens make it."""
    factor = max(0.2, 1 + rng.uniform(-0.3, 0.3) * strength)
    return ImageEnhance.Contrast(image).enhance(factor)


def tint(image: Image.Image, rng: Generator, strength: float = 1.0) -> Image.Image:
    """Each channel up to 10 % weaker, or the whole picture grey."""
    if rng.random() < 0.25:
        return image.convert("L").convert("RGB")
    gains = 1 - rng.uniform(0, 0.1, 3) * strength
    pixels = np.asarray(image, np.float32) * gains.astype(np.float32)
    return Image.fromarray(pixels.round().astype(np.uint8))
