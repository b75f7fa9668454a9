"""Pixel art: figures, things and scenes of few large pixels."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image

from nophoto.models.vision.distractors.sheet import Colour, colour, grey

Cells = NDArray[np.uint8]


def sprite(rng: Generator) -> Image.Image:
    """A figure, the same on both sides, with an outline and shades, on a ground."""
    size = int(rng.choice([12, 16, 20, 24]))
    ground = (255, 255, 255) if rng.random() < 0.4 else _any_ground(rng)
    cells = np.full((size + 6, size + 6, 3), ground, np.uint8)
    cells[3 : 3 + size, 3 : 3 + size] = _figure(rng, size, ground)
    return _large(cells)


def sprite_sheet(rng: Generator) -> Image.Image:
    """Several figures or things in rows, as games store them."""
    size, columns, rows = 14, int(rng.integers(2, 6)), int(rng.integers(1, 5))
    ground = _any_ground(rng)
    cells = np.full((rows * size + 2, columns * size + 2, 3), ground, np.uint8)
    for row in range(rows):
        for column in range(columns):
            top, left = 1 + row * size, 1 + column * size
            cells[top : top + 12, left : left + 12] = _figure(rng, 12, ground)
    return _large(cells)


def pixel_scene(rng: Generator) -> Image.Image:
    """A landscape of pixels: a sky in bands, hills, ground, trees or houses, a moon."""
    width, height = (int(side) for side in rng.choice([48, 64, 80], 2))
    first, last = np.array(colour(rng, 0.6, 0.6)), np.array(colour(rng, 0.5, 0.95))
    bands = np.round(np.linspace(0, 1, height) * 6) / 6
    cells = np.repeat((first + (last - first) * bands[:, None])[:, None], width, axis=1)
    cells = cells.astype(np.uint8)
    y, x = np.mgrid[0:height, 0:width]
    moon = (x - rng.uniform(0.1, 0.9) * width) ** 2 + (y - height * 0.25) ** 2
    cells[moon < rng.uniform(3, 8) ** 2] = colour(rng, 0.3, 1.0)
    for layer in range(int(rng.integers(2, 5))):
        steps = rng.integers(-1, 2, width).cumsum()
        tops = height * (0.45 + 0.13 * layer) + np.clip(steps, -8, 8)
        cells[y > tops[None, :]] = _shaded(colour(rng, 0.6, 0.6), 1 - 0.15 * layer)
    for _ in range(int(rng.integers(2, 9))):
        size = int(rng.choice([8, 10, 12]))
        left, top = (
            int(rng.integers(0, width - size)),
            int(rng.integers(height // 2, height - size)),
        )
        ground = tuple(int(level) for level in cells[top, left])
        thing = _figure(rng, size, (ground[0], ground[1], ground[2]))
        cells[top : top + size, left : left + size] = thing
    return _large(cells)


def _figure(rng: Generator, size: int, ground: Colour) -> Cells:
    """A blob the same on both sides: outline, body in three shades, a second colour."""
    half = size // 2
    y, x = np.mgrid[0:size, 0:half]
    middle = 1 - np.hypot((x - half) / half, (y - size / 2) / (size / 2))
    solid = middle + rng.normal(0, 0.28, (size, half)) > 0.25
    solid = np.concatenate([solid, solid[:, ::-1]], axis=1)
    spread = np.pad(solid, 1)
    near = spread[2:, 1:-1] | spread[:-2, 1:-1] | spread[1:-1, 2:] | spread[1:-1, :-2]
    body, second = colour(rng, 0.7, 0.8), colour(rng, 0.7, 0.9)
    cells = np.full((size, 2 * half, 3), ground, np.uint8)
    cells[near & ~solid] = (20, 16, 30) if sum(ground) > 120 else (220, 220, 225)
    level = rng.integers(0, 3, (size, half))
    level = np.concatenate([level, level[:, ::-1]], axis=1)
    for shade, light in enumerate((1.0, 0.75, 1.2)):
        cells[solid & (level == shade)] = _shaded(body, light)
    stripe = np.zeros_like(solid)
    top = int(rng.integers(0, size - 3))
    stripe[top : top + int(rng.integers(2, size // 2))] = True
    cells[solid & stripe] = second
    return np.pad(cells, ((0, 0), (0, size - 2 * half), (0, 0)), mode="edge")


def _shaded(tone: Colour, light: float) -> Colour:
    red, green, blue = (min(255, round(level * light)) for level in tone)
    return red, green, blue


def _any_ground(rng: Generator) -> Colour:
    return colour(rng, 0.5, 0.7) if rng.random() < 0.5 else grey(rng, 0, 60)


def _large(cells: Cells) -> Image.Image:
    """Every cell as a square of pixels, the longest side about 600."""
    times = max(1, 600 // max(cells.shape[:2]))
    size = (cells.shape[1] * times, cells.shape[0] * times)
    return Image.fromarray(cells).resize(size, Image.Resampling.NEAREST)
