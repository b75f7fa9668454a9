"""Pictures within pictures: what covers, posters and labels show."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from nophoto.models.vision.distractors.sheet import Colour, colour, grey

Size = tuple[int, int]


def artwork(rng: Generator, size: Size) -> Image.Image:
    """A landscape, shapes, rays, lights, a skyline, a still life or waves; RGB, of a size."""
    painters = (_landscape, _shapes, _rays, _lights, _skyline, _still_life, _waves)
    return painters[int(rng.integers(len(painters)))](rng, size)


def fade(size: Size, first: Colour, last: Colour) -> Image.Image:
    """A ramp from one colour above to another below."""
    steps = np.linspace(0, 1, size[1])[:, None, None]
    rows = np.array(first) * (1 - steps) + np.array(last) * steps
    return Image.fromarray(np.broadcast_to(rows, (size[1], size[0], 3)).astype(np.uint8).copy())


def ridge(rng: Generator, width: int, rough: float) -> NDArray[np.float64]:
    """Heights about 0 over a width, of several waves: hills, a coast."""
    x = np.linspace(0, 1, width)
    waves = [
        rng.normal(0, rough / n) * np.sin(2 * np.pi * n * x + rng.uniform(0, 6.3))
        for n in (1, 2, 3, 5, 8, 13)
    ]
    heights: NDArray[np.float64] = np.stack(waves).sum(axis=0)
    return heights


def _landscape(rng: Generator, size: Size) -> Image.Image:
    """Hills behind hills, and a sun or a moon."""
    image = fade(size, colour(rng, 0.6, 0.8), colour(rng, 0.4, 0.95))
    draw, (width, height) = ImageDraw.Draw(image), size
    x, y, r = rng.uniform(0.2, 0.8) * width, rng.uniform(0.1, 0.45) * height, 0.09 * min(size)
    draw.ellipse((x - r, y - r, x + r, y + r), colour(rng, 0.3, 1.0))
    hue = np.array(colour(rng, 0.6, 0.75))
    count = int(rng.integers(2, 6))
    for layer in range(count):
        base = height * (0.45 + 0.5 * layer / count)
        tops = base + ridge(rng, width, 0.06) * height
        shade = hue * (1 - 0.7 * layer / count)
        outline = [(float(i), float(top)) for i, top in enumerate(tops)]
        fill = (int(shade[0]), int(shade[1]), int(shade[2]))
        draw.polygon([(0, height), *outline, (width, height)], fill)
    return image


def _shapes(rng: Generator, size: Size) -> Image.Image:
    """Discs, bars and triangles over each other, of a few colours."""
    inks = [colour(rng, 0.7, 0.85) for _ in range(4)]
    image = Image.new("RGB", size, grey(rng, 200, 255) if rng.random() < 0.6 else inks[0])
    draw = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(4, 16))):
        x, y = rng.uniform(0, 1, 2) * size
        w, h = rng.uniform(0.08, 0.45, 2) * min(size)
        ink = inks[int(rng.integers(4))]
        style = rng.integers(4)
        if style == 0:
            draw.ellipse((x - w, y - w, x + w, y + w), ink)
        elif style == 1:
            draw.rectangle((x, y, x + w, y + h), ink)
        elif style == 2:
            draw.polygon([(x, y), (x + w, y + h), (x - h, y + w)], ink)
        else:
            draw.arc((x - w, y - w, x + w, y + w), 0, 180 + 180 * rng.random(), ink, 12)
    return image


def _rays(rng: Generator, size: Size) -> Image.Image:
    """Rays from a point, as on old advertisements."""
    first, second = colour(rng, 0.7, 0.8), colour(rng, 0.4, 0.95)
    image = Image.new("RGB", size, first)
    draw, middle = ImageDraw.Draw(image), rng.uniform(0.3, 0.7, 2) * size
    count, reach = int(rng.integers(8, 24)), 2 * max(size)
    for ray in range(count):
        ends = np.pi * 2 * (ray + np.array([0.0, 0.5])) / count
        points = middle + reach * np.stack([np.cos(ends), np.sin(ends)], axis=1)
        corners = [(float(x), float(y)) for x, y in (middle, *points)]
        draw.polygon(corners, second)
    return image


def _lights(rng: Generator, size: Size) -> Image.Image:
    """Blurred lights in the dark: a night, a stage, a galaxy."""
    image = fade(size, colour(rng, 0.7, 0.25), grey(rng, 0, 40))
    draw = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(20, 120))):
        x, y = rng.uniform(0, 1, 2) * size
        r = rng.exponential(0.02) * min(size) + 1
        draw.ellipse((x - r, y - r, x + r, y + r), colour(rng, 0.5, 1.0))
    return image.filter(ImageFilter.GaussianBlur(rng.uniform(0, 5)))


def _skyline(rng: Generator, size: Size) -> Image.Image:
    """Houses with windows against a sky."""
    image = fade(size, colour(rng, 0.6, 0.6), colour(rng, 0.5, 0.95))
    draw, (width, height) = ImageDraw.Draw(image), size
    wall, window, x = grey(rng, 10, 60), colour(rng, 0.5, 1.0), 0.0
    while x < width:
        w, top = rng.uniform(0.06, 0.16) * width, rng.uniform(0.3, 0.8) * height
        draw.rectangle((x, top, x + w, height), wall)
        for row in np.arange(top + 6, height, 16).tolist():
            for column in np.arange(x + 5, x + w - 7, 13).tolist():
                if rng.random() < 0.5:
                    draw.rectangle((column, row, column + 6, row + 8), window)
        x += w + rng.uniform(0, 4)
    return image


def _still_life(rng: Generator, size: Size) -> Image.Image:
    """Round things lit from one side on a table."""
    image = fade(size, colour(rng, 0.4, 0.5), colour(rng, 0.3, 0.7))
    width, height = size
    table = round(height * rng.uniform(0.55, 0.75))
    image.paste(fade((width, height - table), colour(rng, 0.5, 0.5), grey(rng, 20, 80)), (0, table))
    y, x = np.mgrid[0:height, 0:width]
    pixels = np.asarray(image, np.float32).copy()
    for _ in range(int(rng.integers(2, 7))):
        r = rng.uniform(0.08, 0.2) * min(size)
        cx, cy = rng.uniform(0.1, 0.9) * width, table + rng.uniform(-0.5, 0.8) * r
        inside = (x - cx) ** 2 + (y - cy) ** 2 < r**2
        light = 1.15 - 0.8 * np.hypot(x - cx + r * 0.4, y - cy + r * 0.4) / (1.5 * r)
        ball = np.array(colour(rng, 0.8, 0.9), np.float32) * light[..., None]
        pixels = np.where(inside[..., None], ball, pixels)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def _waves(rng: Generator, size: Size) -> Image.Image:
    """Swirls of colour, as of oil on water."""
    y, x = np.mgrid[0 : 1 : size[1] * 1j, 0 : 1 : size[0] * 1j]
    bend = sum(
        rng.normal(0, 1 / n) * np.sin(2 * np.pi * n * (x * rng.normal() + y * rng.normal()))
        for n in (1, 2, 3, 4)
    )
    level = (np.sin(2 * np.pi * (bend + rng.uniform(0.5, 3) * y)) + 1) / 2
    first, last = np.array(colour(rng, 0.7, 0.9)), np.array(colour(rng, 0.7, 0.4))
    pixels = first + (last - first) * level[..., None]
    return Image.fromarray(pixels.astype(np.uint8))
