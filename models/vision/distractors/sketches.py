"""Drawings by hand: shaky lines on paper."""

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageFilter

from nophoto.models.vision.distractors.sheet import Colour, Sheet, colour, grey

Points = list[tuple[float, float]]


def sketch(rng: Generator) -> Image.Image:
    """Closed shapes of wavering pencil or pen lines, about a middle, some of them coloured in."""
    paper = tuple(int(level) for level in rng.uniform(205, 255) * rng.uniform(0.92, 1, 3))
    sheet = Sheet.blank(rng, (paper[0], paper[1], paper[2]), float(rng.choice([0.75, 1.0, 1.33])))
    ink = grey(rng, 10, 110) if rng.random() < 0.7 else colour(rng, 0.8, 0.5)
    width = int(rng.integers(2, 6))
    for _ in range(int(rng.integers(4, 14))):
        x, y = rng.uniform(0.25, 0.75, 2) * sheet.image.size
        reach = rng.uniform(0.05, 0.3, 2) * min(sheet.image.size)
        outline = _blob(rng, x, y, reach)
        if rng.random() < 0.35:
            sheet.draw.polygon(outline, colour(rng, 0.5, 0.95))
        _stroke(sheet, outline, ink, width, rng)
    for _ in range(int(rng.integers(2, 12))):
        start, end = rng.uniform(0.15, 0.85, (2, 2)) * sheet.image.size
        bend = (start + end) / 2 + rng.normal(0, 40, 2)
        _stroke(sheet, _curve(start, bend, end), ink, width, rng)
    return _on_paper(sheet.image, rng)


def doodle(rng: Generator) -> Image.Image:
    """Scribbles and handwriting all over."""
    sheet = Sheet.blank(rng, grey(rng, 225, 255))
    for _ in range(int(rng.integers(3, 12))):
        count = int(rng.integers(20, 150))
        start = rng.uniform(0.1, 0.9, 2) * sheet.image.size
        drift = np.array([rng.uniform(0, 8), rng.uniform(-1, 1)])
        path = start + np.cumsum(rng.normal(0, 9, (count, 2)) + drift, axis=0)
        smooth = (path[:-2] + path[1:-1] + path[2:]) / 3
        points = [(float(x), float(y)) for x, y in smooth]
        sheet.draw.line(points, colour(rng, 0.7, 0.4), int(rng.integers(2, 6)), "curve")
    return _on_paper(sheet.image, rng)


def _blob(rng: Generator, x: float, y: float, reach: np.ndarray) -> Points:
    angles = np.linspace(0, 2 * np.pi, 60)
    radius = np.ones(60)
    for wave in range(2, 6):
        radius += rng.normal(0, 0.25 / wave) * np.sin(wave * angles + rng.uniform(0, 6.3))
    return [
        (float(x + r * reach[0] * np.cos(a)), float(y + r * reach[1] * np.sin(a)))
        for r, a in zip(radius, angles, strict=True)
    ]


def _curve(start: np.ndarray, bend: np.ndarray, end: np.ndarray) -> Points:
    steps = np.linspace(0, 1, 30)[:, None]
    path = (1 - steps) ** 2 * start + 2 * steps * (1 - steps) * bend + steps**2 * end
    return [(float(x), float(y)) for x, y in path]


def _stroke(sheet: Sheet, points: Points, ink: Colour, width: int, rng: Generator) -> None:
    shaken = np.array(points) + np.cumsum(rng.normal(0, 0.4, (len(points), 2)), axis=0)
    sheet.draw.line([(float(x), float(y)) for x, y in shaken], ink, width, "curve")


def _on_paper(image: Image.Image, rng: Generator) -> Image.Image:
    pixels = np.asarray(image, np.float32)
    height, width = pixels.shape[:2]
    grain = rng.normal(0, rng.uniform(1, 8), (height, width, 1))
    light = 1 + rng.uniform(-0.2, 0.2) * np.linspace(-0.5, 0.5, width)[None, :, None]
    paper = Image.fromarray(np.clip(pixels * light + grain, 0, 255).astype(np.uint8))
    return paper.filter(ImageFilter.GaussianBlur(rng.uniform(0, 1)))
