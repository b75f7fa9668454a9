"""Targets for cameras, printers and decoders: ramps, gratings, zone plates, pictures of few pixels.

A smooth ramp over the whole range, or a few pixels blown up, measures something; the tiles that
stand for a missing picture are softer, or crisp.
"""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image

from nophoto.models.vision.distractors.sheet import colour, grey

_SIDE = 400
_SMOOTH = (Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.LANCZOS)


def ramp(rng: Generator) -> Image.Image:
    """All levels from black to white, at times to a strong colour, smooth or in steps."""
    y, x = np.mgrid[0 : 1 : _SIDE * 1j, 0 : 1 : _SIDE * 1j]
    if rng.random() < 0.2:
        level = np.hypot(x - rng.uniform(0.3, 0.7), y - rng.uniform(0.3, 0.7))
    else:
        angle = np.radians(float(rng.choice([0, 90, 180, 270, 45, 135])))
        level = x * np.cos(angle) + y * np.sin(angle)
    level = (level - level.min()) / np.ptp(level)
    if rng.random() < 0.3:
        level = level ** rng.uniform(0.5, 2.2)
    if rng.random() < 0.45:
        steps = int(rng.integers(4, 24))
        level = np.minimum(np.floor(level * steps), steps - 1) / (steps - 1)
    if rng.random() < 0.2:
        # Two ramps that run against each other.
        level = np.where(y < 0.5, level, 1 - level)
    return _painted(level, rng)


def grating(rng: Generator) -> Image.Image:
    """Bars of full contrast, sharp or as a sine, of one width or ever finer."""
    y, x = np.mgrid[0 : 1 : _SIDE * 1j, 0 : 1 : _SIDE * 1j]
    angle = np.radians(float(rng.choice([0, 90, 45, rng.uniform(0, 180)])))
    along = x * np.cos(angle) + y * np.sin(angle)
    cycles = rng.uniform(2, 30)
    if rng.random() < 0.25:
        along = along**2
    wave = np.sin(2 * np.pi * (along * cycles + rng.random()))
    if rng.random() < 0.25:
        wave = wave * np.sin(2 * np.pi * cycles * (y * np.cos(angle) - x * np.sin(angle)))
    level = (wave + 1) / 2 if rng.random() < 0.5 else (wave > 0).astype(np.float64)
    return _painted(level, rng)


def zone_plate(rng: Generator) -> Image.Image:
    """Rings that grow finer from the middle outwards, or spokes that meet there."""
    y, x = np.mgrid[-1 : 1 : _SIDE * 1j, -1 : 1 : _SIDE * 1j]
    if rng.random() < 0.5:
        wave = np.cos(np.pi * rng.uniform(5, 60) * (x**2 + y**2))
    else:
        wave = np.cos(np.arctan2(y, x) * int(rng.integers(6, 48)))
    level = (wave + 1) / 2 if rng.random() < 0.5 else (wave > 0).astype(np.float64)
    return _painted(level, rng)


def few_pixels(rng: Generator) -> Image.Image:
    """A picture of a few pixels, such as decoders are tested with: bars, a ramp, a board, noise."""
    width, height = rng.integers(3, 17, size=2).tolist()
    y, x = np.mgrid[0:height, 0:width]
    style = rng.integers(5)
    if style == 0:
        level = (x if rng.random() < 0.5 else y) % 2 / 1.0
    elif style == 1:
        along = x if rng.random() < 0.5 else y
        level = along / max(1, along.max())
    elif style == 2:
        level = (x + y) % 2 / 1.0
    else:
        level = rng.random((height, width))
        if style == 4:
            level = (level < 0.5) / 1.0
    resample = _SMOOTH[int(rng.integers(3))]
    return _painted(level, rng).resize((_SIDE, round(_SIDE * height / width)), resample)


def _painted(level: NDArray[np.float64], rng: Generator) -> Image.Image:
    """Levels in 0..1 as greys, at times between black and a colour, or with each channel apart."""
    level = level if rng.random() < 0.5 else 1 - level
    low, high = grey(rng, 0, 12), grey(rng, 240, 255)
    if rng.random() < 0.25:
        high = colour(rng, 0.9, 1.0)
    ends = np.array([low, high], np.float64)
    pixels = ends[0] + (ends[1] - ends[0]) * level[..., None]
    if rng.random() < 0.08:
        pixels = np.stack([pixels[..., 0], pixels[..., 1][::-1], pixels[..., 2][:, ::-1]], axis=-1)
    return Image.fromarray(pixels.round().clip(0, 255).astype(np.uint8))
