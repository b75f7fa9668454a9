"""Charts, diagrams and maps."""

import numpy as np
from numpy.random import Generator
from PIL import Image

from nophoto.models.vision.distractors.sheet import Sheet, colour, grey


def bars(rng: Generator) -> Image.Image:
    """A bar chart with axes and labels."""
    sheet, box = _plot(rng)
    left, top, right, bottom = box
    count = int(rng.integers(3, 14))
    fills = [colour(rng)] * count if rng.random() < 0.5 else [colour(rng) for _ in range(count)]
    step = (right - left) / count
    for number, fill in enumerate(fills):
        x = left + number * step + step * 0.15
        sheet.draw.rectangle(
            (x, bottom - rng.uniform(0.05, 1) * (bottom - top), x + step * 0.7, bottom), fill
        )
    return sheet.image


def lines(rng: Generator) -> Image.Image:
    """A line chart of one to four series."""
    sheet, (left, top, right, bottom) = _plot(rng)
    x = np.linspace(left, right, int(rng.integers(8, 80)))
    for _ in range(int(rng.integers(1, 5))):
        walk = np.cumsum(rng.normal(0, 1, len(x)))
        walk = (walk - walk.min()) / max(1e-6, float(np.ptp(walk)))
        y = bottom - walk * (bottom - top) * rng.uniform(0.4, 1)
        sheet.draw.line(list(zip(x.tolist(), y.tolist(), strict=True)), colour(rng), 3)
    return sheet.image


def pie(rng: Generator) -> Image.Image:
    """A pie or ring chart with a legend."""
    sheet = Sheet.blank(rng, grey(rng, 240, 255), float(rng.choice([1.0, 1.33, 1.78])))
    radius = min(sheet.width, sheet.height) * rng.uniform(0.28, 0.42)
    x, y = sheet.width * rng.uniform(0.35, 0.5), sheet.height * 0.52
    angle, ink = rng.uniform(0, 360), grey(rng, 0, 90)
    shares = rng.dirichlet(np.ones(int(rng.integers(3, 8))) * 2)
    for number, share in enumerate(shares):
        fill = colour(rng)
        box = (x - radius, y - radius, x + radius, y + radius)
        sheet.draw.pieslice(box, angle, angle + share * 360, fill, (255, 255, 255))
        angle += share * 360
        line = 30 + number * 26
        sheet.draw.rectangle((sheet.width - 130, line, sheet.width - 116, line + 14), fill)
        sheet.text(sheet.width - 108, line, 90, 14, ink, words=1)
    if rng.random() < 0.4:
        hole = radius * 0.55
        sheet.draw.ellipse((x - hole, y - hole, x + hole, y + hole), (255, 255, 255))
    return sheet.image


def diagram(rng: Generator) -> Image.Image:
    """Boxes with words, and arrows from one to the next."""
    sheet = Sheet.blank(rng, grey(rng, 240, 255))
    ink = grey(rng, 0, 100)
    columns, rows = int(rng.integers(2, 6)), int(rng.integers(1, 5))
    width, height = sheet.width / columns, sheet.height / rows
    fill = colour(rng, 0.25, 1.0)
    previous: tuple[float, float] | None = None
    for row in range(rows):
        for column in range(columns):
            if rng.random() < 0.2:
                continue
            x, y = (column + 0.5) * width, (row + 0.5) * height
            if previous is not None:
                sheet.draw.line((*previous, x, y), ink, 2)
                sheet.draw.regular_polygon((x - width * 0.36, y, 6), 3, 30, fill=ink)
            box = (x - width * 0.34, y - height * 0.25, x + width * 0.34, y + height * 0.25)
            if rng.random() < 0.2:
                fill = colour(rng, 0.35, 1.0)
            sheet.draw.rounded_rectangle(box, float(rng.choice([0, 6, 18])), fill, ink, 2)
            size = max(8.0, min(height * 0.12, width * 0.12))
            sheet.text(box[0] + 8, y - size / 2, width * 0.6, size, ink, words=2)
            previous = (x, y)
    return sheet.image


def street_map(rng: Generator) -> Image.Image:
    """Streets and blocks, water and parks, some names."""
    sheet = Sheet.blank(rng, grey(rng, 225, 245))
    for _ in range(int(rng.integers(1, 5))):
        fill = (170, 211, 223) if rng.random() < 0.4 else (200, 230, 190)
        x, y = rng.uniform(0, 1, 2) * sheet.image.size
        corners = rng.uniform(-150, 150, (6, 2)) + np.array([x, y])
        sheet.draw.polygon([(float(a), float(b)) for a, b in corners], fill)
    for _ in range(int(rng.integers(8, 40))):
        start, end = rng.uniform(-0.1, 1.1, (2, 2)) * sheet.image.size
        width = int(rng.choice([3, 5, 9]))
        paint = (255, 220, 130) if width == 9 else (255, 255, 255)
        sheet.draw.line((*start, *end), (190, 190, 190), width + 2)
        sheet.draw.line((*start, *end), paint, width)
    for _ in range(int(rng.integers(3, 14))):
        x, y = rng.uniform(0.02, 0.85, 2) * sheet.image.size
        sheet.text(x, y, 90, rng.uniform(9, 15), (90, 90, 100), words=1)
    return sheet.image


def _plot(rng: Generator) -> tuple[Sheet, tuple[float, float, float, float]]:
    """A sheet with axes, grid lines and labels, and the box that is left for the data."""
    dark = rng.random() < 0.15
    sheet = Sheet.blank(rng, grey(rng, 15, 40) if dark else grey(rng, 240, 255), 1.5)
    ink = grey(rng, 170, 230) if dark else grey(rng, 0, 110)
    left, top = sheet.width * 0.1, sheet.height * 0.12
    right, bottom = sheet.width * 0.96, sheet.height * 0.88
    if rng.random() < 0.7:
        sheet.text(sheet.width * 0.3, sheet.height * 0.02, sheet.width * 0.4, 20, ink)
    for y in np.linspace(top, bottom, 6).tolist():
        sheet.draw.line((left, y, right, y), grey(rng, 50, 70) if dark else grey(rng, 205, 225))
        sheet.text(left * 0.3, y - 6, left * 0.6, 12, ink, words=1)
    for x in np.linspace(left, right - 50, 6).tolist():
        sheet.text(x, bottom + 8, 50, 12, ink, words=1)
    sheet.draw.line((left, top, left, bottom), ink, 2)
    sheet.draw.line((left, bottom, right, bottom), ink, 2)
    return sheet, (left, top, right, bottom)
