"""Handwriting and drawings on whiteboards, blackboards, notes and squared paper."""

from itertools import pairwise

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageFilter

from nophoto.models.vision.distractors.sheet import Colour, Sheet, colour, grey

_MARKERS: tuple[Colour, ...] = ((20, 20, 25), (30, 60, 170), (190, 30, 40), (20, 120, 60))


def whiteboard(rng: Generator) -> Image.Image:
    """Words, boxes with arrows and a curve, in markers' colours on a board that shines."""
    sheet = Sheet.blank(rng, grey(rng, 215, 250), float(rng.choice([1.33, 1.5, 1.78])))
    width, height = sheet.image.size
    boxes = []
    for _ in range(int(rng.integers(2, 7))):
        x, y = rng.uniform(0.04, 0.72) * width, rng.uniform(0.06, 0.75) * height
        w, h = rng.uniform(70, 160), rng.uniform(40, 90)
        boxes.append((x + w / 2, y + h / 2))
        _shaky_box(sheet, (x, y, x + w, y + h), _marker(rng), rng)
        handwriting(sheet, x + 8, y + h / 2, w - 16, h * 0.3, _marker(rng))
    for start, end in pairwise(boxes):
        sheet.draw.line((*start, *end), _marker(rng), 3)
    for row in range(int(rng.integers(1, 5))):
        y = height * (0.1 + 0.14 * row)
        handwriting(sheet, width * 0.06, y, width * rng.uniform(0.3, 0.8), 20, _marker(rng))
    return _lit(sheet.image, rng)


def blackboard(rng: Generator) -> Image.Image:
    """Chalk on green, black or slate: lines of writing, figures, wiped parts."""
    ground = (35, 70, 55) if rng.random() < 0.5 else grey(rng, 20, 50)
    sheet = Sheet.blank(rng, ground, float(rng.choice([1.33, 1.5])))
    width, height = sheet.image.size
    chalk = grey(rng, 200, 245)
    for row in range(int(rng.integers(3, 8))):
        y = height * (0.1 + 0.11 * row)
        ink = chalk if rng.random() < 0.8 else colour(rng, 0.4, 0.95)
        handwriting(sheet, width * 0.06, y, width * rng.uniform(0.2, 0.85), 24, ink)
    for _ in range(int(rng.integers(0, 3))):
        x, y = rng.uniform(0.4, 0.9) * width, rng.uniform(0.3, 0.8) * height
        r = rng.uniform(30, 90)
        sheet.draw.regular_polygon((x, y, r), int(rng.integers(3, 7)), 10, None, chalk, 2)
    return _lit(sheet.image, rng)


def handwritten_page(rng: Generator) -> Image.Image:
    """A page of handwriting on plain, ruled or squared paper."""
    paper = (int(rng.integers(235, 256)), int(rng.integers(230, 252)), int(rng.integers(210, 250)))
    sheet = Sheet.blank(rng, paper, float(rng.choice([0.71, 0.8, 1.33])))
    width, height = sheet.image.size
    step, style = rng.uniform(26, 44), rng.integers(3)
    rule = (170, 195, 225)
    for y in np.arange(step, height, step).tolist():
        if style:
            sheet.draw.line((0, y, width, y), rule)
    for x in np.arange(step, width, step).tolist():
        if style == 2:
            sheet.draw.line((x, 0, x, height), rule)
    ink = (25, 35, 120) if rng.random() < 0.6 else grey(rng, 10, 60)
    rows = np.arange(step * 1.5, height - step, step).tolist()
    for y in rows[: int(rng.integers(2, len(rows) + 1))]:
        reach = width * (0.84 if rng.random() < 0.8 else rng.uniform(0.2, 0.7))
        handwriting(sheet, width * 0.08, y, reach, step * 0.55, ink)
    return _lit(sheet.image, rng)


def sticky_notes(rng: Generator) -> Image.Image:
    """Notes in several colours with a few words each."""
    sheet = Sheet.blank(rng, grey(rng, 190, 255), float(rng.choice([1.0, 1.33, 1.5])))
    columns, rows = int(rng.integers(1, 5)), int(rng.integers(1, 4))
    step_x, step_y = sheet.width / columns, sheet.height / rows
    for row in range(rows):
        for column in range(columns):
            if row + column and rng.random() < 0.15:
                continue
            side = min(step_x, step_y) * 0.8
            x = column * step_x + rng.uniform(0.02, 0.15) * step_x
            y = row * step_y + rng.uniform(0.02, 0.15) * step_y
            sheet.draw.rectangle((x + 4, y + 5, x + side + 4, y + side + 5), grey(rng, 130, 170))
            sheet.draw.rectangle((x, y, x + side, y + side), colour(rng, 0.5, 1.0))
            for line in range(int(rng.integers(1, 4))):
                top = y + side * (0.25 + 0.22 * line)
                handwriting(sheet, x + side * 0.1, top, side * 0.75, side * 0.12, _marker(rng))
    return _lit(sheet.image, rng)


def handwriting(
    sheet: Sheet, left: float, middle: float, width: float, size: float, ink: Colour
) -> None:
    """Write loops and strokes that look like words on one line.

    Args:
        sheet: to write on.
        left: where the line begins, in pixels.
        middle: of the letters without ascenders, in pixels.
        width: which the line may fill, in pixels.
        size: of a letter without ascenders, in pixels.
        ink: its colour.
    """
    rng, x = sheet.rng, left
    slant, line = rng.uniform(-0.1, 0.4), max(2, round(size / 9))
    while x < left + width - size:
        letters = int(rng.integers(2, 9))
        count = letters * 9
        phase = np.linspace(0, letters * 2 * np.pi, count)
        tall = np.repeat(rng.choice([1.0, 1.0, 1.0, 2.0, -1.9], letters), 9)
        ys = np.where(np.sin(phase) * np.sign(tall) > 0, np.sin(phase) * tall, np.sin(phase))
        xs = np.linspace(0, letters * size * 0.62, count) + np.cos(phase) * size * 0.28
        points_x = x + xs - slant * -ys * size * 0.5 + rng.normal(0, 0.4, count)
        points_y = middle - ys * size * 0.5 + rng.normal(0, 0.4, count)
        keep = points_x < left + width
        path = list(zip(points_x[keep].tolist(), points_y[keep].tolist(), strict=True))
        if len(path) > 2:
            sheet.draw.line(path, ink, line, "curve")
        x += letters * size * 0.62 + size * rng.uniform(0.6, 1.2)


def _shaky_box(
    sheet: Sheet, box: tuple[float, float, float, float], ink: Colour, rng: Generator
) -> None:
    left, top, right, bottom = box
    corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
    shaken = np.array(corners) + rng.normal(0, 3, (5, 2))
    sheet.draw.line([(float(x), float(y)) for x, y in shaken], ink, 3, "curve")


def _marker(rng: Generator) -> Colour:
    return _MARKERS[int(rng.integers(len(_MARKERS)))]


def _lit(image: Image.Image, rng: Generator) -> Image.Image:
    """As a camera sees it: brighter on one side, with a reflection, noise and blur."""
    pixels = np.asarray(image, np.float32)
    height, width = pixels.shape[:2]
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    light = 1 + rng.uniform(-0.2, 0.2) * x + rng.uniform(-0.15, 0.15) * y
    shine = np.exp(-((x - rng.uniform(-1, 1)) ** 2 + (y - rng.uniform(-1, 1)) ** 2) / 0.1)
    pixels = pixels * light[..., None] + rng.uniform(0, 25) * shine[..., None]
    pixels = pixels * rng.uniform(0.8, 1.0, 3) + rng.normal(
        0, rng.uniform(0, 5), (height, width, 1)
    )
    seen = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    return seen.filter(ImageFilter.GaussianBlur(rng.uniform(0, 1)))
