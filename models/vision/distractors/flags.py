"""Flags, coats of arms and seals: strong colours side by side, and signs on them."""

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw

from nophoto.models.vision.distractors.lettering import brand
from nophoto.models.vision.distractors.sheet import Colour, Sheet, grey
from nophoto.models.vision.drawing.curves import regular
from nophoto.models.vision.drawing.typography import Caption, write

_DYES = (
    *((206, 17, 38), (0, 56, 168), (0, 122, 61), (252, 209, 22), (255, 255, 255), (0, 0, 0)),
    *((255, 121, 0), (117, 170, 219), (128, 0, 32), (0, 33, 71)),
)


def flag(rng: Generator) -> Image.Image:
    """A flag of a country that is not: whole, waving, round, or small on a ground."""
    aspect = float(rng.choice([1.5, 1.5, 1.33, 1.67, 2.0]))
    cloth = _cloth(rng, (600, round(600 / aspect)))
    style = rng.random()
    if style < 0.5:
        return cloth
    if style < 0.7:
        return _waved(cloth, rng)
    ground = Image.new(
        "RGB", (640, 480), (255, 255, 255) if rng.random() < 0.7 else grey(rng, 0, 240)
    )
    cloth = cloth.resize((420, round(420 / aspect)))
    mask = Image.new("L", cloth.size, 255)
    if style < 0.85:
        side = min(cloth.size)
        cloth = cloth.crop((0, 0, side, side))
        mask = Image.new("L", cloth.size)
        ImageDraw.Draw(mask).ellipse((0, 0, side - 1, side - 1), 255)
    ground.paste(cloth, ((640 - cloth.width) // 2, (480 - cloth.height) // 2), mask)
    return ground


def coat_of_arms(rng: Generator) -> Image.Image:
    """A shield in fields of colour with signs, at times with a crown, a ribbon and leaves."""
    sheet = _plain(rng)
    side = sheet.width
    field = _cloth(rng, (side, side))
    outline = _shield(rng, side)
    mask = Image.new("L", (side, side))
    ImageDraw.Draw(mask).polygon(outline, 255)
    sheet.image.paste(field, mask=mask)
    gold = (200, 160, 40) if rng.random() < 0.6 else (0, 0, 0)
    sheet.draw.line([*outline, outline[0]], gold, round(side * 0.015))
    if rng.random() < 0.5:
        points = [
            (0.3, 0.14),
            (0.27, 0.02),
            (0.4, 0.08),
            (0.5, 0.0),
            (0.6, 0.08),
            (0.73, 0.02),
            (0.7, 0.14),
        ]
        sheet.draw.polygon([(x * side, y * side) for x, y in points], gold)
    if rng.random() < 0.5:
        y = side * 0.88
        sheet.draw.rounded_rectangle((side * 0.15, y, side * 0.85, side * 0.98), 12, _dye(rng))
        box = (side * 0.2, y + side * 0.02, side * 0.6, side * 0.06)
        write(sheet.draw, box, brand(rng), (255, 255, 255), rng)
    return sheet.image


def seal(rng: Generator) -> Image.Image:
    """A round badge of a club, a school or an office: rings, words, a sign in the middle."""
    sheet = _plain(rng)
    side = sheet.width
    middle = (side / 2, side / 2)
    first, second = _dye(rng), _dye(rng)
    for radius, ink in ((0.47, first), (0.44, second), (0.42, first), (0.3, second)):
        sheet.draw.circle(middle, radius * side, ink)
    light = (255, 255, 255) if sum(first) < 380 else (0, 0, 0)
    count = int(rng.integers(12, 26))
    for index in range(count):  # letters about the ring
        angle = 2 * np.pi * index / count
        x, y = side / 2 + 0.36 * side * np.sin(angle), side / 2 - 0.36 * side * np.cos(angle)
        tile = Image.new("L", (60, 60))
        letter = Caption(chr(65 + int(rng.integers(26))), ("NotoSans-Bold",))
        write(ImageDraw.Draw(tile), (14, 10, 32, 40), letter, 255, rng)
        turned = tile.rotate(-np.degrees(angle), Image.Resampling.BICUBIC)
        sheet.image.paste(light, (round(x - 30), round(y - 30)), turned)
    _sign(sheet.draw, rng, side / 2, side / 2, side * 0.22, first)
    return sheet.image


def _plain(rng: Generator) -> Sheet:
    return Sheet.blank(rng, (255, 255, 255) if rng.random() < 0.7 else grey(rng, 20, 245), 1.0)


def _dye(rng: Generator) -> Colour:
    return _DYES[int(rng.integers(len(_DYES)))]


def _dyes(rng: Generator, count: int) -> list[Colour]:
    """Colours of which no two neighbours are the same."""
    chosen: list[Colour] = []
    while len(chosen) < count:
        dye = _dye(rng)
        if not chosen or dye != chosen[-1]:
            chosen.append(dye)
    return chosen


def _cloth(rng: Generator, size: tuple[int, int]) -> Image.Image:
    """Stripes, a cross, a triangle, quarters or one colour, and at times a sign."""
    width, height = size
    dyes = _dyes(rng, 4)
    image = Image.new("RGB", size, dyes[0])
    draw = ImageDraw.Draw(image)
    style = rng.integers(6)
    if style == 0:
        count = int(rng.choice([2, 3, 3, 3, 5, 9, 13]))
        inks = _dyes(rng, 3) if count < 5 else [dyes[0], dyes[1]]
        for stripe in range(count):
            box = (0, height * stripe / count, width, height * (stripe + 1) / count)
            draw.rectangle(box, inks[stripe % len(inks)])
        if count > 3:
            draw.rectangle((0, 0, width * 0.4, height * 0.54), dyes[2])
    elif style == 1:
        for stripe, ink in enumerate(_dyes(rng, 3)):
            draw.rectangle((width * stripe / 3, 0, width * (stripe + 1) / 3, height), ink)
    elif style == 2:
        x = width * float(rng.choice([0.36, 0.5]))
        for reach, ink in ((0.16, dyes[1]), (0.08, dyes[2])):
            draw.rectangle((0, height * (0.5 - reach), width, height * (0.5 + reach)), ink)
            draw.rectangle((x - height * reach, 0, x + height * reach, height), ink)
    elif style == 3:
        draw.rectangle((0, height / 2, width, height), dyes[1])
        draw.polygon([(0, 0), (width * rng.uniform(0.3, 0.5), height / 2), (0, height)], dyes[2])
    elif style == 4:
        draw.rectangle((width / 2, 0, width, height / 2), dyes[1])
        draw.rectangle((0, height / 2, width / 2, height), dyes[1])
    else:
        draw.line((0, 0, width, height), dyes[1], round(height * 0.22))
        if rng.random() < 0.5:
            draw.line((0, height, width, 0), dyes[1], round(height * 0.22))
    if rng.random() < 0.6:
        x = width * float(rng.choice([0.2, 0.5, 0.5]))
        _sign(draw, rng, x, height * rng.uniform(0.3, 0.5), height * 0.2, dyes[3])
    return image


def _sign(
    draw: ImageDraw.ImageDraw, rng: Generator, x: float, y: float, r: float, ink: Colour
) -> None:
    """A star or stars, a disc, a sun, a moon, a tree or a cross."""
    style = rng.integers(6)
    if style == 0:
        draw.polygon(regular(x, y, r, 5, inner=r * 0.4), ink)
    elif style == 1:
        for index in range(count := int(rng.integers(3, 13))):
            angle = 2 * np.pi * index / count
            at = (x + r * 0.8 * float(np.cos(angle)), y + r * 0.8 * float(np.sin(angle)))
            draw.polygon(regular(*at, r * 0.22, 5, inner=r * 0.09), ink)
    elif style == 2:
        draw.ellipse((x - r, y - r, x + r, y + r), ink)
    elif style == 3:
        draw.polygon(regular(x, y, r, int(rng.integers(10, 24)), inner=r * 0.6), ink)
    elif style == 4:
        draw.arc((x - r, y - r, x + r, y + r), 50, 310, ink, round(r * 0.45))
        draw.polygon(regular(x + r * 0.7, y, r * 0.4, 5, inner=r * 0.16), ink)
    else:
        draw.polygon([(x, y - r), (x + r * 0.7, y + r * 0.5), (x - r * 0.7, y + r * 0.5)], ink)
        draw.rectangle((x - r * 0.1, y + r * 0.4, x + r * 0.1, y + r), ink)


def _shield(rng: Generator, side: int) -> list[tuple[float, float]]:
    bulge = rng.uniform(0.0, 0.06)
    left = [(0.18, 0.16), (0.18 - bulge, 0.45), (0.25, 0.68), (0.5, 0.87)]
    right = [(1 - x, y) for x, y in reversed(left[:-1])]
    return [(x * side, y * side) for x, y in (*left, *right)]


def _waved(cloth: Image.Image, rng: Generator) -> Image.Image:
    """A flag in the wind: its columns go up and down, and fold into light and shade."""
    pixels = np.asarray(cloth, np.float32)
    height, width = pixels.shape[:2]
    waves, start, reach = rng.uniform(0.8, 2.5), rng.uniform(0, 6.3), height * 0.06
    phase = 2 * np.pi * waves * np.linspace(0, 1, width) + start
    shift = (reach * np.sin(phase)).round().astype(int)
    room = round(reach) + 4
    canvas = np.full((height + 2 * room, width, 3), float(rng.choice([255, 255, 190])), np.float32)
    light = 1 + 0.2 * np.cos(phase)
    for column in range(width):
        top = room + int(shift[column])
        canvas[top : top + height, column] = pixels[:, column] * light[column]
    return Image.fromarray(np.clip(canvas, 0, 255).astype(np.uint8))
