"""Screens of games: platforms, boards seen from above, falling blocks, worlds of polygons."""

import numpy as np
from numpy.random import Generator
from PIL import Image

from nophoto.models.vision.distractors.artwork import artwork, fade
from nophoto.models.vision.distractors.lettering import headline
from nophoto.models.vision.distractors.sheet import Colour, Sheet, colour, grey
from nophoto.models.vision.drawing.typography import Caption, write

_WHITE = (255, 255, 255)


def platform_game(rng: Generator) -> Image.Image:
    """Blocks to jump on, coins, a figure, a sky or a picture behind, points above."""
    sheet = Sheet.blank(rng, colour(rng, 0.4, 0.9), float(rng.choice([1.33, 1.78, 1.6])))
    width, height = sheet.image.size
    if rng.random() < 0.4:
        sheet.image.paste(artwork(rng, sheet.image.size))
    tile = int(rng.choice([24, 32, 40]))
    block, edge = colour(rng, 0.6, 0.6), colour(rng, 0.6, 0.8)
    for x in range(0, width, tile):
        top = height - tile * int(rng.choice([0, 1, 1, 2, 2, 3]))
        for y in range(top, height, tile):
            sheet.draw.rectangle((x, y, x + tile - 1, y + tile - 1), block, grey(rng, 20, 60))
        sheet.draw.rectangle((x, top, x + tile - 1, top + tile // 4), edge)
    for _ in range(int(rng.integers(2, 8))):
        x = tile * int(rng.integers(0, width // tile))
        y = tile * int(rng.integers(2, height // tile - 3))
        for step in range(int(rng.integers(1, 6))):
            left = x + step * tile
            sheet.draw.rectangle((left, y, left + tile - 1, y + tile - 1), block, (30, 30, 30))
            if rng.random() < 0.5:
                sheet.draw.ellipse((left + 6, y - tile + 6, left + tile - 6, y - 6), (250, 200, 40))
    _figure(sheet, rng.uniform(0.1, 0.8) * width, height * 0.6, tile, colour(rng, 0.9, 0.9))
    _display(sheet)
    return sheet.image


def board_from_above(rng: Generator) -> Image.Image:
    """A world of square tiles: grass, water, walls, paths, with figures on them."""
    sheet = Sheet.blank(rng, (0, 0, 0), float(rng.choice([1.0, 1.33, 1.6])))
    tile = int(rng.choice([20, 32, 40]))
    columns, rows = sheet.width // tile + 1, sheet.height // tile + 1
    field = rng.normal(0, 1, (rows + 4, columns + 4))
    for _ in range(3):
        field = (field + np.roll(field, 1, 0) + np.roll(field, 1, 1) + np.roll(field, -1, 0)) / 4
    levels = np.digitize(field, np.quantile(field, [0.25, 0.6, 0.85]))
    inks = [colour(rng, 0.6, value) for value in (0.5, 0.65, 0.8, 0.4)]
    for row in range(rows):
        for column in range(columns):
            x, y = column * tile, row * tile
            ink = inks[int(levels[row, column])]
            sheet.draw.rectangle((x, y, x + tile, y + tile), ink)
            for _ in range(2):
                px, py = x + rng.uniform(2, tile - 4), y + rng.uniform(2, tile - 4)
                sheet.draw.rectangle((px, py, px + 3, py + 3), _darker(ink, 0.85))
    for _ in range(int(rng.integers(2, 12))):
        x, y = rng.uniform(0.05, 0.95, 2) * sheet.image.size
        _figure(sheet, x, y, tile, colour(rng, 0.9, 0.9))
    if rng.random() < 0.6:
        _display(sheet)
    return sheet.image


def falling_blocks(rng: Generator) -> Image.Image:
    """A well of coloured blocks, or a board of stones, with points beside it."""
    sheet = Sheet.blank(
        rng,
        grey(rng, 0, 50) if rng.random() < 0.7 else grey(rng, 225, 255),
        float(rng.choice([0.6, 1.0, 1.33])),
    )
    columns, rows = int(rng.integers(6, 12)), int(rng.integers(8, 20))
    tile = min(sheet.width * 0.6 / columns, sheet.height * 0.9 / rows)
    left, top = sheet.width * 0.06, sheet.height * 0.05
    inks = [colour(rng, 0.9, 0.9) for _ in range(int(rng.integers(3, 8)))]
    is_round = rng.random() < 0.3
    sheet.draw.rectangle(
        (left, top, left + tile * columns, top + tile * rows), outline=grey(rng, 90, 160), width=3
    )
    filled = rng.integers(0, rows, columns)
    for column in range(columns):
        for row in range(int(filled[column]), rows):
            if rng.random() < 0.1:
                continue
            x, y = left + column * tile, top + row * tile
            ink = inks[int(rng.integers(len(inks)))]
            box = (x + 1, y + 1, x + tile - 2, y + tile - 2)
            if is_round:
                sheet.draw.ellipse(box, ink)
            else:
                sheet.draw.rectangle(box, ink, _darker(ink, 0.6), 2)
    x = left + tile * (columns + 1)
    room = sheet.width - x - 10
    if room > 60:
        for row in range(3):
            box = (x, top + row * 90, room, 34)
            write(sheet.draw, box, Caption(str(rng.integers(0, 99999))), inks[0], rng)
    return sheet.image


def polygon_world(rng: Generator) -> Image.Image:
    """A floor of squares or lines to the horizon, boxes on it, flat light, an engine's text."""
    sky = grey(rng, 200, 255) if rng.random() < 0.5 else colour(rng, 0.4, 0.9)
    sheet = Sheet.blank(rng, sky, float(rng.choice([1.33, 1.78, 1.78])))
    width, height = sheet.image.size
    horizon = height * rng.uniform(0.25, 0.5)
    floor = fade((width, height - round(horizon)), colour(rng, 0.3, 0.7), colour(rng, 0.3, 0.5))
    if rng.random() < 0.6:
        sheet.image.paste(floor, (0, round(horizon)))
    rule, vanishing = grey(rng, 120, 190), rng.uniform(0.3, 0.7) * width
    for x in np.linspace(-2 * width, 3 * width, 40).tolist():
        sheet.draw.line((vanishing, horizon, x, height), rule)
    for step in range(1, 14):
        y = horizon + (height - horizon) * 1.2 / step
        sheet.draw.line((0, y, width, y), rule)
    for near in sorted(rng.uniform(0.15, 1.0, int(rng.integers(1, 8))).tolist()):
        y, x = horizon + (height - horizon) * near * 0.9, rng.uniform(0.05, 0.85) * width
        _solid(sheet, x, y, height * 0.35 * near, colour(rng, 0.7, 0.9))
    if rng.random() < 0.6:
        sheet.text(8, 8, width * 0.4, 12, (30, 160, 60))
        sheet.text(8, 26, width * 0.3, 12, (60, 60, 60))
    return sheet.image


def _solid(sheet: Sheet, x: float, y: float, size: float, ink: Colour) -> None:
    """A box that stands on (x, y), its three sides lit unlike."""
    w, h, slant = size * sheet.rng.uniform(0.4, 1), size * sheet.rng.uniform(0.4, 1.2), size * 0.3
    sheet.draw.rectangle((x, y - h, x + w, y), ink)
    side = [
        (x + w, y - h),
        (x + w + slant, y - h - slant * 0.6),
        (x + w + slant, y - slant * 0.6),
        (x + w, y),
    ]
    sheet.draw.polygon(side, _darker(ink, 0.6))
    lid = [
        (x, y - h),
        (x + slant, y - h - slant * 0.6),
        (x + w + slant, y - h - slant * 0.6),
        (x + w, y - h),
    ]
    sheet.draw.polygon(lid, _darker(ink, 1.2))


def _figure(sheet: Sheet, x: float, y: float, size: float, ink: Colour) -> None:
    sheet.draw.rectangle((x, y, x + size * 0.7, y + size), ink, (20, 20, 20))
    sheet.draw.ellipse((x, y - size * 0.7, x + size * 0.7, y), (240, 200, 160), (20, 20, 20))


def _display(sheet: Sheet) -> None:
    """Points, lives, and at times words over the play."""
    rng, width = sheet.rng, sheet.width
    for x in (0.03, 0.4, 0.75):
        number = Caption(f"{int(rng.integers(0, 99999)):06d}", ("NotoSansMono-Regular",))
        write(sheet.draw, (width * x, 10, width * 0.18, 26), number, _WHITE, rng)
    if rng.random() < 0.25:
        box = (width * 0.2, sheet.height * 0.4, width * 0.6, sheet.height * 0.14)
        write(sheet.draw, box, headline(rng), _WHITE, rng)


def _darker(ink: Colour, light: float) -> Colour:
    red, green, blue = (min(255, round(level * light)) for level in ink)
    return red, green, blue
