"""Children's drawings: houses, suns, trees and people in crayon."""

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageFilter

from nophoto.models.vision.distractors.sheet import Colour, Sheet, colour

Point = tuple[float, float]
Strokes = list[tuple[list[Point], Colour]]


def crayon_drawing(rng: Generator) -> Image.Image:
    """A child's picture: a house, a sun, a tree, people of strokes, a flower, a heart."""
    paper = (int(rng.integers(225, 256)),) * 2 + (int(rng.integers(215, 250)),)
    sheet = Sheet.blank(rng, (paper[0], paper[1], paper[2]), float(rng.choice([1.33, 0.75, 1.0])))
    width, height = sheet.image.size
    things = (_house, _sun, _tree, _person, _flower, _heart)
    for _ in range(int(rng.integers(1, 6))):
        size = min(width, height) * rng.uniform(0.25, 0.7)
        x, y = rng.uniform(0, width - size), rng.uniform(0, height - size)
        thing = things[int(rng.integers(len(things)))]
        for points, ink in thing(rng):
            _crayon(sheet, [(x + a * size, y + b * size) for a, b in points], ink)
    if rng.random() < 0.4:
        for _ in range(40):
            a = rng.uniform(0, width)
            _crayon(sheet, [(a, height * 0.97), (a + 8, height * 0.88)], (40, 150, 60))
    pixels = np.asarray(sheet.image, np.float64)
    light = 1 + rng.uniform(-0.25, 0.25) * np.linspace(-0.5, 0.5, width)[None, :, None]
    pixels = pixels * light * rng.uniform(0.75, 1.0) + rng.normal(0, 5, (height, width, 1))
    seen = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    return seen.filter(ImageFilter.GaussianBlur(rng.uniform(0.2, 1.0)))


def _round(x: float, y: float, r: float) -> list[Point]:
    angles = np.linspace(0, 2 * np.pi, 22)
    return [(x + r * float(np.cos(a)), y + r * float(np.sin(a))) for a in angles]


def _scribbled(rng: Generator, box: tuple[float, float, float, float], ink: Colour) -> Strokes:
    """An area coloured in by going to and fro."""
    left, top, right, bottom = box
    rows = np.linspace(top, bottom, int(rng.integers(8, 18)))
    ends = [(left if i % 2 else right, float(y)) for i, y in enumerate(rows)]
    return [(ends, ink)]


def _house(rng: Generator) -> Strokes:
    wall, roof = colour(rng, 0.7, 0.6), (190, 50, 40)
    strokes: Strokes = (
        _scribbled(rng, (0.2, 0.5, 0.8, 0.95), colour(rng, 0.5, 0.9)) if rng.random() < 0.5 else []
    )
    strokes.append(([(0.2, 0.5), (0.8, 0.5), (0.8, 0.95), (0.2, 0.95), (0.2, 0.5)], wall))
    strokes.append(([(0.12, 0.5), (0.5, 0.15), (0.88, 0.5), (0.12, 0.5)], roof))
    strokes.append(([(0.45, 0.95), (0.45, 0.7), (0.58, 0.7), (0.58, 0.95)], wall))
    strokes.append(([(0.26, 0.58), (0.38, 0.58), (0.38, 0.68), (0.26, 0.68), (0.26, 0.58)], wall))
    return strokes


def _sun(rng: Generator) -> Strokes:
    ink = (240, 190, 30)
    rays: Strokes = []
    for index in range(12):
        way = (float(np.cos(index * 0.524)), float(np.sin(index * 0.524)))
        rays.append(
            (
                [
                    (0.5 + 0.28 * way[0], 0.5 + 0.28 * way[1]),
                    (0.5 + 0.45 * way[0], 0.5 + 0.45 * way[1]),
                ],
                ink,
            )
        )
    return [(_round(0.5, 0.5, 0.22), ink), *_scribbled(rng, (0.36, 0.36, 0.64, 0.64), ink), *rays]


def _tree(rng: Generator) -> Strokes:
    trunk, leaves = (120, 80, 40), (50, 140, 60)
    crown = _scribbled(rng, (0.28, 0.15, 0.72, 0.55), leaves)
    return [
        ([(0.45, 0.95), (0.46, 0.55)], trunk),
        ([(0.56, 0.95), (0.55, 0.55)], trunk),
        (_round(0.5, 0.35, 0.27), leaves),
        *crown,
    ]


def _person(rng: Generator) -> Strokes:
    ink = colour(rng, 0.8, 0.5)
    limbs = (
        [(0.5, 0.35), (0.5, 0.7)],
        [(0.25, 0.45), (0.75, 0.45)],
        [(0.5, 0.7), (0.35, 0.97)],
        [(0.5, 0.7), (0.66, 0.97)],
    )
    face = [
        _round(0.44, 0.18, 0.015),
        _round(0.56, 0.18, 0.015),
        [(0.42, 0.26), (0.5, 0.29), (0.58, 0.26)],
    ]
    return [(_round(0.5, 0.2, 0.15), ink), *((points, ink) for points in (*limbs, *face))]


def _flower(rng: Generator) -> Strokes:
    ink = colour(rng, 0.9, 0.8)
    petals = [
        (_round(0.5 + 0.15 * float(np.cos(a)), 0.3 + 0.15 * float(np.sin(a)), 0.1), ink)
        for a in np.linspace(0, 5.2, 6)
    ]
    return [
        ([(0.5, 0.95), (0.5, 0.45)], (50, 140, 60)),
        (_round(0.5, 0.3, 0.07), (240, 190, 30)),
        *petals,
    ]


def _heart(rng: Generator) -> Strokes:
    t = np.linspace(0, 2 * np.pi, 40)
    x, y = (
        16 * np.sin(t) ** 3,
        13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t),
    )
    points = [(0.5 + float(a) / 40, 0.5 - float(b) / 40) for a, b in zip(x, y, strict=True)]
    return [(points, colour(rng, 0.9, 0.8))]


def _crayon(sheet: Sheet, points: list[Point], ink: Colour) -> None:
    """A shaky stroke of uneven strength."""
    rng = sheet.rng
    for _ in range(2):
        shaken = np.array(points) + rng.normal(0, 2.2, (len(points), 2))
        tone = tuple(int(np.clip(level + rng.normal(0, 14), 0, 255)) for level in ink)
        path = [(float(a), float(b)) for a, b in shaken]
        sheet.draw.line(path, (tone[0], tone[1], tone[2]), int(rng.integers(2, 6)), "curve")
