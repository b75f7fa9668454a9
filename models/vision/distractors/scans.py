"""What instruments see: X-rays, cells under a microscope, fields from above, echoes."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from nophoto.models.vision.distractors.sheet import colour, grey

Levels = NDArray[np.float64]
_SIDE = 480


def x_ray(rng: Generator) -> Image.Image:
    """Bones or ribs, pale in the dark, with letters at the edge."""
    layer = Image.new("L", (_SIDE, _SIDE), int(rng.integers(5, 40)))
    draw = ImageDraw.Draw(layer)
    body = int(rng.integers(60, 110))
    if rng.random() < 0.5:  # a chest
        draw.ellipse((40, 20, _SIDE - 40, _SIDE + 60), body)
        for side in (-1, 1):
            x = _SIDE / 2 + side * 95
            draw.ellipse((x - 75, 90, x + 75, 400), body // 3)
        for rib in range(int(rng.integers(6, 11))):
            y = 90 + rib * 32
            for side in (-1, 1):
                x = _SIDE / 2 + side * 90
                draw.arc((x - 110, y - 40, x + 110, y + 60), 180, 360, body + 45, 9)
        draw.rectangle((_SIDE / 2 - 14, 20, _SIDE / 2 + 14, _SIDE), body + 70)
    else:  # a hand or a limb
        for finger in range(int(rng.integers(1, 6))):
            x = 90 + finger * 75 + rng.uniform(-10, 10)
            draw.rounded_rectangle((x - 34, 30, x + 34, _SIDE), 30, body)
            top = rng.uniform(40, 110)
            while top < _SIDE:
                reach = rng.uniform(60, 140)
                draw.rounded_rectangle((x - 13, top, x + 13, top + reach), 12, body + 110)
                top += reach + 8
    image = layer.rotate(rng.uniform(-20, 20), Image.Resampling.BILINEAR)
    pixels = np.asarray(image.filter(ImageFilter.GaussianBlur(rng.uniform(2, 6))), np.float64)
    pixels = pixels + _noise(rng, 14) + rng.normal(0, 4, pixels.shape)
    if rng.random() < 0.15:
        pixels = 255 - pixels
    scan = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    if rng.random() < 0.5:
        ImageDraw.Draw(scan).text(
            (18, 18), "L" if rng.random() < 0.5 else "R 12", 230, font_size=34
        )
    return scan.convert("RGB")


def cells(rng: Generator) -> Image.Image:
    """Stained cells on a bright ground, or shining ones in the dark."""
    is_dark = rng.random() < 0.5
    ground = grey(rng, 0, 20) if is_dark else colour(rng, 0.1, 1.0)
    image = Image.new("RGB", (_SIDE, _SIDE), ground)
    draw = ImageDraw.Draw(image)
    stain, core = colour(rng, 0.5, 0.9), colour(rng, 0.8, 0.6)
    size = rng.uniform(8, 45)
    for _ in range(int(min(400, 60000 / size**2 * rng.uniform(0.3, 2)))):
        x, y = rng.uniform(0, _SIDE, 2)
        w, h = size * rng.uniform(0.6, 1.2, 2)
        draw.ellipse((x - w, y - h, x + w, y + h), stain, core if not is_dark else None)
        if rng.random() < 0.6:
            draw.ellipse((x - w * 0.4, y - h * 0.4, x + w * 0.4, y + h * 0.4), core)
    blurred = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 4)))
    pixels = np.asarray(blurred, np.float64) + _noise(rng, 10)[..., None]
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def fields(rng: Generator) -> Image.Image:
    """Land from above: fields, roads, a river, roofs."""
    image = Image.new("RGB", (_SIDE, _SIDE), (90, 110, 70))
    draw = ImageDraw.Draw(image)
    step = int(rng.integers(40, 110))
    tilt = rng.uniform(-0.4, 0.4)
    for y in range(-_SIDE, _SIDE * 2, step):
        for x in range(-_SIDE, _SIDE * 2, step):
            w, h = step * rng.uniform(0.6, 1.4), step * rng.uniform(0.6, 1.4)
            corners = [
                (x, y + x * tilt),
                (x + w, y + (x + w) * tilt),
                (x + w, y + h + (x + w) * tilt),
                (x, y + h + x * tilt),
            ]
            tone = np.array([95, 105, 60]) + rng.normal(0, 28, 3)
            draw.polygon(corners, (int(tone[0]) % 256, int(tone[1]) % 256, int(tone[2]) % 256))
    path = np.cumsum(rng.normal(0, 12, 60)) + _SIDE * rng.random()
    points = [(float(x), i * _SIDE / 59) for i, x in enumerate(path)]
    draw.line(
        points,
        (60, 85, 110) if rng.random() < 0.6 else (170, 165, 155),
        int(rng.integers(5, 30)),
        "curve",
    )
    for _ in range(int(rng.integers(0, 60))):
        x, y = rng.uniform(0, _SIDE, 2)
        r = rng.uniform(3, 9)
        draw.rectangle(
            (x - r, y - r, x + r, y + r), (180, 120, 100) if rng.random() < 0.5 else (205, 205, 200)
        )
    pixels = np.asarray(image.filter(ImageFilter.GaussianBlur(0.8)), np.float64)
    pixels = pixels + _noise(rng, 18)[..., None] + rng.normal(0, 8, (_SIDE, _SIDE, 1))
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def echo(rng: Generator) -> Image.Image:
    """An ultrasound: a fan of grey speckle with dark hollows."""
    y, x = np.mgrid[0 : 1 : _SIDE * 1j, -0.6 : 0.6 : _SIDE * 1j]
    angle, depth = np.arctan2(x, y + 0.12), np.hypot(x, y + 0.12)
    inside = (np.abs(angle) < rng.uniform(0.5, 0.8)) & (depth > 0.2) & (depth < 1.0)
    level = rng.gamma(1.6, 32, (_SIDE, _SIDE)) + 2.5 * _noise(rng, 22)
    for _ in range(int(rng.integers(1, 5))):
        cx, cy, r = rng.uniform(-0.3, 0.3), rng.uniform(0.3, 0.8), rng.uniform(0.04, 0.18)
        level = np.where(np.hypot(x - cx, (y - cy) * 1.4) < r, level * 0.15, level)
    pixels = np.where(inside, level, 4)
    scan = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    return scan.filter(ImageFilter.GaussianBlur(rng.uniform(0.6, 1.6))).convert("RGB")


def _noise(rng: Generator, strength: float) -> Levels:
    """Clouds of several sizes about 0."""
    total = np.zeros((_SIDE, _SIDE))
    for cells_across in (4, 9, 20):
        small = Image.fromarray(rng.normal(0, 1, (cells_across, cells_across)).astype(np.float32))
        total += np.asarray(small.resize((_SIDE, _SIDE), Image.Resampling.BICUBIC))
    return total * strength / 1.7
