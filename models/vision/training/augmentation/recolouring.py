"""Draws a placeholder as another hand might have: in other colours, in another shape."""

import colorsys

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.float32]

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_LEAST_CONTRAST = 25  # of 255; below it a drawing in two colours is hard to see
_TRIES = 20


def recolour(image: Image.Image, rng: Generator) -> Image.Image:
    """A flat graphic in other colours, and every other time with another margin.

    A silhouette, an icon or a notice says absence in whatever colours it is drawn. So this makes
    another placeholder of the same kind; it does not make a copy.
    """
    style = rng.random()
    pixels = np.asarray(image.convert("RGB"), np.float32)
    if style < 0.2:
        pixels = 255 - pixels
    elif style < 0.6:
        pixels = _in_two_colours(pixels, rng)
    elif style < 0.75:
        pixels = _in_other_hues(image, rng)
    elif style < 0.85:
        grey = pixels @ _LUMA * rng.uniform(0.4, 1) + rng.uniform(0, 120)
        pixels = np.repeat(grey[..., np.newaxis], 3, axis=2)
    else:
        level = rng.uniform(150, 255) if rng.random() < 0.7 else rng.uniform(30, 80)
        pixels = level + (pixels - pixels.mean()) * rng.uniform(0.12, 0.4)
    changed = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    return _with_margin(changed, rng) if rng.random() < 0.5 else changed


def _in_two_colours(pixels: Pixels, rng: Generator) -> Pixels:
    """The brightness of every pixel as a mixture of two colours."""
    light = pixels @ _LUMA
    light = (light - light.min()) / max(float(np.ptp(light)), 1.0)
    first, second = _colour(rng), _colour(rng)
    for _ in range(_TRIES):
        if abs(float((first - second) @ _LUMA)) >= _LEAST_CONTRAST:
            break
        second = _colour(rng)
    mixed: Pixels = first + (second - first) * light[..., np.newaxis]
    return mixed


def _in_other_hues(image: Image.Image, rng: Generator) -> Pixels:
    turned = np.array(image.convert("HSV"))
    turned[..., 0] = (turned[..., 0].astype(int) + int(rng.integers(20, 236))) % 256
    saturation = turned[..., 1] * rng.uniform(0.3, 1.8)
    turned[..., 1] = np.clip(saturation, 0, 255)
    return np.asarray(Image.fromarray(turned, "HSV").convert("RGB"), np.float32)


def _colour(rng: Generator) -> Pixels:
    """Grey half of the time, as those of placeholders are; of the others, most are pale."""
    saturation = 0.0 if rng.random() < 0.45 else rng.random() ** 1.5
    return np.array(colorsys.hsv_to_rgb(rng.random(), saturation, rng.random() ** 0.6)) * 255


def _with_margin(image: Image.Image, rng: Generator) -> Image.Image:
    """In the middle of a larger picture that is wider, taller or square, of the corner's colour."""
    width, height = image.size
    if rng.random() < 0.5:
        stretch = rng.uniform(1, 1.6)
        size = (
            (round(width * stretch), height)
            if rng.random() < 0.5
            else (width, round(height * stretch))
        )
    else:
        side = round(max(width, height) * rng.uniform(1, 1.8))
        size = (side, side)
    larger = Image.new("RGB", size, image.getpixel((0, 0)))
    larger.paste(image, ((size[0] - width) // 2, (size[1] - height) // 2))
    return larger
