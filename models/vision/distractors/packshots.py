"""Goods in their packings as shops show them: boxes, bottles, tins, bags with printed labels."""

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw, ImageFilter

from nophoto.models.vision.distractors.artwork import artwork
from nophoto.models.vision.distractors.lettering import brand, headline, price
from nophoto.models.vision.distractors.sheet import Colour, Sheet, colour, grey
from nophoto.models.vision.drawing.typography import write

_WHITE = (255, 255, 255)
_SIDE = 600


def carton(rng: Generator) -> Image.Image:
    """A box seen from a corner: a printed front, a darker side, a lighter top."""
    ground = _ground(rng)
    front = printed(rng, (300, int(rng.integers(200, 420))))
    width, height, depth = front.width, front.height, int(rng.integers(50, 160))
    tilt = rng.uniform(0.2, 0.6)
    left, top = (_SIDE - width - depth) // 2, (_SIDE - height + round(depth * tilt)) // 2
    rise = round(depth * tilt)
    draw = ImageDraw.Draw(ground)
    foot = top + height
    shade = [(left + 12, foot), (left + width, foot), (left + width + depth + 30, foot - rise + 8)]
    draw.polygon(
        [*shade, (left + width, foot + 14)], tuple(level * 4 // 5 for level in _corner(ground))
    )
    ground.paste(front, (left, top))
    body = front.resize((1, 1)).getpixel((0, 0))
    red, green, blue = body if isinstance(body, tuple) else (128, 128, 128)
    right = left + width
    side = [(right, top), (right + depth, top - rise), (right + depth, foot - rise), (right, foot)]
    draw.polygon(side, (red * 3 // 5, green * 3 // 5, blue * 3 // 5))
    lid = [(left, top), (left + depth, top - rise), (right + depth, top - rise), (right, top)]
    draw.polygon(lid, (min(255, red + 40), min(255, green + 40), min(255, blue + 40)))
    return ground


def bottle(rng: Generator) -> Image.Image:
    """A bottle, a jar or a tube: a shaded body with shoulders, a cap and a label about it."""
    ground = _ground(rng)
    width, height = int(rng.integers(110, 240)), int(rng.integers(320, 520))
    shoulder = rng.uniform(0.12, 0.35)
    neck = rng.uniform(0.25, 0.75)
    mask = Image.new("L", (width, height))
    draw = ImageDraw.Draw(mask)
    y = height * shoulder
    draw.rounded_rectangle((0, y, width - 1, height - 1), width * 0.12, 255)
    slim = (1 - neck) / 2 * width
    slope = [(slim, y * 0.5), (width - slim, y * 0.5), (width - 1, y + 20), (0, y + 20)]
    draw.polygon(slope, 255)
    draw.rectangle((slim, 0, width - slim, y * 0.6), 255)
    body = Image.new(
        "RGB", (width, height), colour(rng, 0.7, 0.6) if rng.random() < 0.7 else grey(rng, 20, 240)
    )
    cap = grey(rng, 10, 240) if rng.random() < 0.5 else colour(rng, 0.8, 0.7)
    ImageDraw.Draw(body).rectangle((0, 0, width, y * 0.35), cap)
    paper = printed(rng, (width, round(height * rng.uniform(0.3, 0.5))))
    body.paste(paper, (0, round(height * 0.45)))
    return _stood(ground, _rounded(body, rng), mask, rng)


def tin(rng: Generator) -> Image.Image:
    """A tin or a can: printed all round, with rims above and below."""
    ground = _ground(rng)
    width, height = int(rng.integers(180, 340)), int(rng.integers(200, 440))
    body = printed(rng, (width, height))
    mask = Image.new("L", (width, height))
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, width - 1, height - 1), width * 0.08, 255)
    rim = ImageDraw.Draw(body)
    for top in (0, height - 14):
        rim.rectangle((0, top, width, top + 14), grey(rng, 150, 220))
    return _stood(ground, _rounded(body, rng), mask, rng)


def pouch(rng: Generator) -> Image.Image:
    """A bag with crimped ends that swells in the middle."""
    ground = _ground(rng)
    width, height = int(rng.integers(220, 380)), int(rng.integers(300, 500))
    body = printed(rng, (width, height))
    mask = Image.new("L", (width, height))
    y = np.linspace(0, np.pi, 40)
    bulge = width * 0.04 * np.sin(y)
    left = [
        (float(width * 0.05 - b), float(h)) for b, h in zip(bulge, y / np.pi * height, strict=True)
    ]
    right = [(width - 1 - x, h) for x, h in reversed(left)]
    ImageDraw.Draw(mask).polygon([*left, *right], 255)
    for top in range(0, 24, 5):
        ImageDraw.Draw(body).line((0, top, width, top), _WHITE)
        ImageDraw.Draw(body).line((0, height - top, width, height - top), _WHITE)
    return _stood(ground, _rounded(body, rng), mask, rng)


def printed(rng: Generator, size: tuple[int, int]) -> Image.Image:
    """What is printed on a packing: a name, a picture, what is in it, how much."""
    ink: Colour = _WHITE
    base = colour(rng, 0.8, 0.7)
    if rng.random() < 0.3:
        base, ink = grey(rng, 235, 255), colour(rng, 0.9, 0.4)
    sheet = Sheet(Image.new("RGB", size, base), rng)
    width, height = size
    if rng.random() < 0.7:
        part = (
            round(width * rng.uniform(0.5, 1.0)),
            max(8, round(height * rng.uniform(0.25, 0.45))),
        )
        sheet.image.paste(artwork(rng, part), ((width - part[0]) // 2, round(height * 0.38)))
    if rng.random() < 0.4:
        sheet.draw.ellipse(
            (-width * 0.2, -height * 0.2, width * 1.2, height * 0.3), colour(rng, 0.8, 0.6)
        )
    write(
        sheet.draw, (width * 0.1, height * 0.08, width * 0.8, height * 0.18), brand(rng), ink, rng
    )
    write(
        sheet.draw,
        (width * 0.15, height * 0.28, width * 0.7, height * 0.08),
        headline(rng),
        ink,
        rng,
    )
    if rng.random() < 0.5:
        r = width * 0.16
        x, y = width * 0.78, height * 0.8
        sheet.draw.ellipse((x - r, y - r, x + r, y + r), colour(rng, 0.9, 0.95))
        write(sheet.draw, (x - r * 0.8, y - r * 0.4, r * 1.6, r * 0.8), price(rng), _WHITE, rng)
    sheet.text(width * 0.1, height * 0.88, width * 0.5, max(8.0, height * 0.04), ink)
    return sheet.image


def _ground(rng: Generator) -> Image.Image:
    choice = rng.random()
    ground = (
        _WHITE
        if choice < 0.65
        else grey(rng, 200, 250)
        if choice < 0.85
        else colour(rng, 0.3, 0.95)
    )
    return Image.new("RGB", (_SIDE, _SIDE), ground)


def _corner(ground: Image.Image) -> tuple[int, ...]:
    level = ground.getpixel((0, 0))
    return level if isinstance(level, tuple) else (255, 255, 255)


def _rounded(body: Image.Image, rng: Generator) -> Image.Image:
    """The light of a round thing: dark edges, a bright line."""
    x = np.linspace(-1, 1, body.width)
    light = 1.05 - rng.uniform(0.3, 0.6) * np.abs(x) ** 2.5
    light += 0.3 * np.exp(-((x + rng.uniform(0.2, 0.6)) ** 2) / 0.012)
    pixels = np.asarray(body, np.float32) * light[None, :, None]
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def _stood(
    ground: Image.Image, body: Image.Image, mask: Image.Image, rng: Generator
) -> Image.Image:
    """One thing, or two or three of it side by side, each with a soft shadow at its foot."""
    count = int(rng.choice([1, 1, 1, 2, 3]))
    scale = min(1.0, 560 / (count * body.width * 1.05))
    size = (round(body.width * scale), round(body.height * scale))
    body, mask = body.resize(size), mask.resize(size)
    step = round(size[0] * 1.05)
    left, top = (_SIDE - step * count) // 2, (_SIDE - size[1]) // 2
    shadow = Image.new("L", ground.size)
    for place in range(count):
        x = left + place * step
        ImageDraw.Draw(shadow).ellipse(
            (x, top + size[1] - 14, x + size[0], top + size[1] + 14), 110
        )
    ground.paste((0, 0, 0), mask=shadow.filter(ImageFilter.GaussianBlur(8)))
    for place in range(count):
        ground.paste(body, (left + place * step, top), mask)
    return ground
