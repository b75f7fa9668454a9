"""Test pictures: made by machines for machines, and no placeholder."""

import colorsys

import numpy as np
from numpy.random import Generator
from PIL import Image

from nophoto.models.vision.distractors.sheet import Sheet, colour, grey


def colour_wheel(rng: Generator) -> Image.Image:
    """All hues about a middle, or all of them side by side."""
    ground = grey(rng, 0, 255)
    side = 400
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    if rng.random() < 0.7:
        radius = np.hypot(x, y)
        hue = (np.arctan2(y, x) / (2 * np.pi) + rng.random()) % 1
        strength, inside = np.minimum(radius, 1), radius <= rng.uniform(0.8, 1.4)
    else:
        hue, strength, inside = (x + 1) / 2, (y + 1) / 2, np.ones_like(x, bool)
    hsv = np.stack([hue, strength, np.ones_like(x)], axis=-1)
    rgb = Image.fromarray((hsv * 255).astype(np.uint8), "HSV").convert("RGB")
    canvas = Image.new("RGB", (side, side), ground)
    canvas.paste(rgb, mask=Image.fromarray((inside * 255).astype(np.uint8)))
    return canvas


def test_card(rng: Generator) -> Image.Image:
    """Bars of colours, ramps of grey, rings and rules, as televisions showed by night."""
    sheet = Sheet.blank(rng, grey(rng, 80, 150), 1.33)
    count = int(rng.integers(5, 10))
    step = sheet.width / count
    for bar in range(count):
        red, green, blue = colorsys.hsv_to_rgb(bar / count, rng.uniform(0.7, 1), 0.9)
        fill = (round(red * 255), round(green * 255), round(blue * 255))
        sheet.draw.rectangle((bar * step, 0, (bar + 1) * step, sheet.height * 0.6), fill)
        level = round(255 * bar / (count - 1))
        box = (bar * step, sheet.height * 0.6, (bar + 1) * step, sheet.height * 0.8)
        sheet.draw.rectangle(box, (level, level, level))
    for x in range(0, sheet.width, int(rng.integers(6, 20))):
        sheet.draw.line((x, sheet.height * 0.8, x, sheet.height), (255, 255, 255), 2)
    if rng.random() < 0.6:
        middle, radius = (sheet.width / 2, sheet.height / 2), sheet.height * 0.42
        sheet.draw.circle(middle, radius, outline=(255, 255, 255), width=4)
    return sheet.image


def chessboard(rng: Generator) -> Image.Image:
    """A board of strong squares, straight or seen at an angle, as cameras are calibrated with."""
    light, dark = grey(rng, 225, 255), grey(rng, 0, 40)
    if rng.random() < 0.3:
        light, dark = colour(rng, 0.3, 1.0), colour(rng, 0.8, 0.4)
    count = int(rng.integers(4, 14))
    squares = np.indices((count, count + int(rng.integers(0, 3)))).sum(axis=0) % 2
    pixels = np.array([light, dark], np.uint8)[squares]
    board = Image.fromarray(pixels).resize((480, 480), Image.Resampling.NEAREST)
    if rng.random() < 0.6:
        fill = grey(rng, 0, 255)
        board = board.rotate(rng.uniform(-40, 40), Image.Resampling.BILINEAR, True, fillcolor=fill)
    return board
