"""Maps beside those of streets: countries in colours, heights as lines, lines of an underground."""

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageFilter

from nophoto.models.vision.distractors.artwork import ridge
from nophoto.models.vision.distractors.sheet import Sheet, colour, grey

_SIDE = 480


def political_map(rng: Generator) -> Image.Image:
    """Regions of strong or pale colours with borders, in a sea or on grey."""
    count = int(rng.integers(8, 40))
    seeds = rng.uniform(0, _SIDE, (count, 2))
    y, x = np.mgrid[0:_SIDE, 0:_SIDE].astype(float)
    bend = ridge(rng, _SIDE, 9)
    x, y = x + bend[:, None], y + bend[None, ::-1]
    nearest = np.full((_SIDE, _SIDE), np.inf)
    owner = np.zeros((_SIDE, _SIDE), int)
    for index, (cx, cy) in enumerate(seeds):
        apart = (x - cx) ** 2 + (y - cy) ** 2
        owner = np.where(apart < nearest, index, owner)
        nearest = np.minimum(nearest, apart)
    saturation = rng.uniform(0.25, 0.9)
    inks = np.array([colour(rng, saturation, 0.95) for _ in range(count)])
    pixels = inks[owner]
    border = (owner != np.roll(owner, 1, 0)) | (owner != np.roll(owner, 1, 1))
    pixels[border] = grey(rng, 0, 90)
    if rng.random() < 0.75:
        coast = np.hypot(x - _SIDE / 2, y - _SIDE / 2) + ridge(rng, _SIDE, 25)[None, :]
        sea = coast > _SIDE * rng.uniform(0.35, 0.5)
        pixels[sea] = (190, 215, 240) if rng.random() < 0.6 else grey(rng, 190, 255)
    sheet = Sheet(Image.fromarray(pixels.astype(np.uint8)), rng)
    for cx, cy in seeds[: int(rng.integers(0, count))]:
        sheet.text(float(cx) - 25, float(cy) - 5, 60, 12, (20, 20, 20), words=1)
    return sheet.image


def contour_map(rng: Generator) -> Image.Image:
    """Heights as tints and lines, with names and paths."""
    small = Image.fromarray(rng.normal(0, 1, (7, 7)).astype(np.float32))
    height = np.asarray(small.resize((_SIDE, _SIDE), Image.Resampling.BICUBIC), np.float64)
    step = rng.uniform(0.08, 0.25)
    level = np.floor(height / step)
    share = (height - height.min()) / np.ptp(height)
    low, high = np.array(colour(rng, 0.3, 0.95)), np.array(colour(rng, 0.4, 0.75))
    pixels = low + (high - low) * share[..., None]
    if rng.random() < 0.4:
        pixels = np.full_like(pixels, 250)
    line = (level != np.roll(level, 1, 0)) | (level != np.roll(level, 1, 1))
    line[0], line[:, 0] = False, False
    pixels[line] = (150, 100, 60) if rng.random() < 0.7 else (60, 60, 60)
    sheet = Sheet(Image.fromarray(pixels.astype(np.uint8)), rng)
    for _ in range(int(rng.integers(1, 5))):
        points = rng.uniform(0, _SIDE, 2) + np.cumsum(rng.normal(0, 14, (60, 2)), axis=0)
        sheet.draw.line(
            [(float(a), float(b)) for a, b in points], colour(rng, 0.9, 0.7), 3, "curve"
        )
    for _ in range(int(rng.integers(2, 9))):
        a, b = rng.uniform(0.05, 0.85, 2) * _SIDE
        sheet.text(float(a), float(b), 80, 12, (40, 40, 40), words=1)
    return sheet.image.filter(ImageFilter.GaussianBlur(0.4))


def transit_map(rng: Generator) -> Image.Image:
    """Lines of an underground: straight strokes in strong colours, stations, names."""
    sheet = Sheet.blank(
        rng,
        grey(rng, 240, 255) if rng.random() < 0.8 else grey(rng, 10, 40),
        float(rng.choice([1.0, 1.33])),
    )
    ink = (30, 30, 30) if sum(sheet.image.getpixel((0, 0))) > 400 else (230, 230, 230)  # type: ignore[arg-type]
    grid, turns = 40, np.array([(1, 0), (0, 1), (1, 1), (1, -1)])
    for _ in range(int(rng.integers(3, 9))):
        at = rng.integers(1, 12, 2) * grid
        stops = [at]
        way = turns[int(rng.integers(4))] * int(rng.choice([-1, 1]))
        for _ in range(int(rng.integers(5, 14))):
            if rng.random() < 0.3:
                way = turns[int(rng.integers(4))] * int(rng.choice([-1, 1]))
            at = np.clip(at + way * grid, 20, [sheet.width - 20, sheet.height - 20])
            stops.append(at)
        points = [(float(x), float(y)) for x, y in stops]
        sheet.draw.line(points, colour(rng, 0.95, 0.85), 9, "curve")
        for x, y in points:
            sheet.draw.circle((x, y), 7, (255, 255, 255), ink, 2)
            if rng.random() < 0.4:
                sheet.text(x + 10, y - 14, 60, 10, ink, words=1)
    return sheet.image
