"""Renders of machine parts: solids of few colours, lit flat, as editors of such parts show them."""

import numpy as np
from numpy.random import Generator
from PIL import Image

from nophoto.models.vision.distractors.sheet import Colour, Sheet, colour

Point = tuple[float, float]


def machine_part(rng: Generator) -> Image.Image:
    """Boxes, cylinders and plates put together, lit flat, on an editor's pale ground."""
    grounds = ((255, 255, 229), (255, 255, 255), (225, 230, 238), (60, 62, 66))
    sheet = Sheet.blank(rng, grounds[int(rng.integers(4))], float(rng.choice([1.0, 1.33, 1.5])))
    inks = [colour(rng, 0.75, 0.9) for _ in range(int(rng.integers(1, 4)))]
    inks = inks if rng.random() < 0.75 else [(249, 215, 44)]
    boxes = []
    for _ in range(int(rng.integers(2, 14))):
        low = rng.uniform(-2, 1.4, 3)
        boxes.append((low, low + rng.uniform(0.3, 2.2, 3)))
    scale = min(sheet.image.size) * rng.uniform(0.1, 0.15)
    boxes.sort(key=lambda box: float(box[0].sum()))
    for low, high in boxes:
        ink = inks[int(rng.integers(len(inks)))]
        if rng.random() < 0.25:
            _cylinder(sheet, low, high, scale, ink)
        else:
            _box(sheet, low, high, scale, ink)
    if rng.random() < 0.4:
        for axis, ink in ((0, (200, 40, 40)), (1, (40, 160, 40)), (2, (40, 60, 200))):
            end = np.zeros(3)
            end[axis] = 4.0
            sheet.draw.line((*_flat(sheet, np.zeros(3), scale), *_flat(sheet, end, scale)), ink, 2)
    return sheet.image


def _flat(sheet: Sheet, point: np.ndarray, scale: float) -> Point:
    """Where a point in space is seen: from above, at an angle."""
    x, y, z = (float(part) for part in point)
    return (
        sheet.width / 2 + (x - y) * scale * 0.87,
        sheet.height / 2 + (x + y) * scale * 0.4 - z * scale * 0.9,
    )


def _box(sheet: Sheet, low: np.ndarray, high: np.ndarray, scale: float, ink: Colour) -> None:
    (x0, y0, z0), (x1, y1, z1) = low, high
    sides = (
        (((x0, y0, z1), (x1, y0, z1), (x1, y1, z1), (x0, y1, z1)), 1.0),
        (((x1, y0, z0), (x1, y1, z0), (x1, y1, z1), (x1, y0, z1)), 0.75),
        (((x0, y1, z0), (x1, y1, z0), (x1, y1, z1), (x0, y1, z1)), 0.55),
    )
    for corners, light in sides:
        sheet.draw.polygon([_flat(sheet, np.array(c), scale) for c in corners], _lit(ink, light))


def _cylinder(sheet: Sheet, low: np.ndarray, high: np.ndarray, scale: float, ink: Colour) -> None:
    middle, r = (low + high) / 2, float(min(high[:2] - low[:2])) / 2 * scale
    foot = _flat(sheet, np.array([middle[0], middle[1], low[2]]), scale)
    top = _flat(sheet, np.array([middle[0], middle[1], high[2]]), scale)
    for strip in range(24):
        left = foot[0] - r + 2 * r * strip / 24
        light = 0.5 + 0.5 * np.sin(np.pi * (strip + 4) / 28)
        bulge = 0.46 * r * float(np.sqrt(max(0.0, 1 - (strip / 12 - 1) ** 2)))
        sheet.draw.rectangle(
            (left, top[1], left + r / 11, foot[1] + bulge), _lit(ink, float(light))
        )
    sheet.draw.ellipse(
        (top[0] - r, top[1] - r * 0.46, top[0] + r, top[1] + r * 0.46), _lit(ink, 1.0)
    )


def _lit(ink: Colour, light: float) -> Colour:
    return (round(ink[0] * light), round(ink[1] * light), round(ink[2] * light))
