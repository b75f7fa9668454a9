"""A photograph of a screen that shows the picture."""

import numpy as np
from numpy.random import Generator
from PIL import Image

from nophoto.models.vision.pictures.prepare import bounded
from nophoto.models.vision.training.augmentation.geometry import border_colour


def photograph_of_screen(image: Image.Image, rng: Generator, strength: float = 1.0) -> Image.Image:
    """Seen at an angle, with moiré, glare and a falling-off of light."""
    tilted = _tilted(bounded(image), rng, strength)
    pixels = np.asarray(tilted, np.float32)
    height, width = pixels.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    pixels *= 1 + 0.06 * strength * _moire(x, y, rng)[..., None]
    pixels += _glare(x / width, y / height, rng, strength)[..., None]
    pixels *= (1 - 0.15 * strength * np.hypot(x / width - 0.5, y / height - 0.5))[..., None]
    return Image.fromarray(np.clip(pixels, 0, 255).round().astype(np.uint8))


def _tilted(image: Image.Image, rng: Generator, strength: float) -> Image.Image:
    width, height = image.size
    corners = np.array([(0, 0), (0, height), (width, height), (width, 0)], np.float64)
    moved = corners + rng.uniform(-0.06, 0.06, (4, 2)) * strength * (width, height)
    return image.transform(
        image.size,
        Image.Transform.PERSPECTIVE,
        _homography(corners, moved).tolist(),
        Image.Resampling.BILINEAR,
        fillcolor=border_colour(image),
    )


def _homography(of: np.ndarray, to: np.ndarray) -> np.ndarray:
    """The eight coefficients by which Pillow takes each corner `of` from the corner `to`."""
    rows = []
    for (x, y), (u, v) in zip(of, to, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    return np.linalg.solve(np.array(rows), to.reshape(-1))


def _moire(x: np.ndarray, y: np.ndarray, rng: Generator) -> np.ndarray:
    angle, period = rng.uniform(0, np.pi), rng.uniform(3, 14)
    phase = (x * np.cos(angle) + y * np.sin(angle)) * 2 * np.pi / period
    bend = rng.uniform(0, 0.5) * np.sin(y * 2 * np.pi / rng.uniform(30, 90))
    return np.asarray(np.sin(phase + bend))


def _glare(x: np.ndarray, y: np.ndarray, rng: Generator, strength: float) -> np.ndarray:
    centre = rng.uniform(0, 1, 2)
    distance = np.hypot(x - centre[0], y - centre[1]) / rng.uniform(0.15, 0.4)
    return np.asarray(rng.uniform(0, 60) * strength * np.exp(-(distance**2)))
