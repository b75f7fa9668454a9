"""Codes for scanners: square ones and bars, printed, on screens, coloured, seen at an angle."""

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageFilter

from nophoto.models.vision.distractors.lettering import headline
from nophoto.models.vision.distractors.logos import logo
from nophoto.models.vision.distractors.sheet import Sheet, colour, grey
from nophoto.models.vision.drawing.typography import Caption, write

_DARK = (0, 0, 0)


def square_code(rng: Generator) -> Image.Image:
    """A QR code: alone, in a colour, with a logo in its middle, with words below it."""
    count = 17 + 4 * int(rng.integers(1, 9))
    code = modules(rng, count).resize((count * 12, count * 12), Image.Resampling.NEAREST)
    if rng.random() < 0.3:
        ink = np.array(colour(rng, 0.8, 0.5))
        pixels = np.asarray(code, np.float32) / 255
        code = Image.fromarray((ink + (255 - ink) * pixels).astype(np.uint8))
    if rng.random() < 0.25:
        mark = logo(rng).resize((count * 3, count * 3))
        code.paste(mark, ((code.width - mark.width) // 2, (code.height - mark.height) // 2))
    quiet = round(code.width * rng.uniform(0.02, 0.15))
    has_words = rng.random() < 0.3
    foot = round(code.width * 0.2) if has_words else 0
    card = Image.new(
        "RGB", (code.width + 2 * quiet, code.height + 2 * quiet + foot), (255, 255, 255)
    )
    card.paste(code, (quiet, quiet))
    sheet = Sheet(card, rng)
    if has_words:
        box = (quiet, card.height - foot, code.width, foot * 0.7)
        write(sheet.draw, box, headline(rng), _DARK, rng)
    return _seen(card, rng)


def bar_code(rng: Generator) -> Image.Image:
    """Bars with their number below, tight or on a label."""
    card = Image.new("RGB", (560, int(rng.integers(200, 420))), (255, 255, 255))
    margin = int(rng.integers(10, 60))
    foot = int(rng.integers(40, 70))
    card.paste(bars(rng, (card.width - 2 * margin, card.height - margin - foot)), (margin, margin))
    number = Caption(" ".join("".join(map(str, rng.integers(0, 10, 6))) for _ in range(2)))
    box = (margin, card.height - foot + 4, card.width - 2 * margin, foot - 16)
    write(Sheet(card, rng).draw, box, number, _DARK, rng)
    return _seen(card, rng)


def modules(rng: Generator, count: int) -> Image.Image:
    """The modules of a square code, a pixel each, with its three large and one small mark."""
    cells = (rng.random((count, count)) < 0.5).astype(np.uint8) * 255
    cells[6, :] = np.arange(count) % 2 * 255
    cells[:, 6] = np.arange(count) % 2 * 255
    for top, left in ((0, 0), (0, count - 7), (count - 7, 0)):
        cells[max(0, top - 1) : top + 8, max(0, left - 1) : left + 8] = 255
        cells[top : top + 7, left : left + 7] = 0
        cells[top + 1 : top + 6, left + 1 : left + 6] = 255
        cells[top + 2 : top + 5, left + 2 : left + 5] = 0
    cells[count - 9 : count - 4, count - 9 : count - 4] = 0
    cells[count - 8 : count - 5, count - 8 : count - 5] = 255
    cells[count - 7, count - 7] = 0
    return Image.fromarray(cells).convert("RGB")


def bars(rng: Generator, size: tuple[int, int]) -> Image.Image:
    """Black bars of four widths, RGB, of a size."""
    widths = rng.integers(1, 5, int(rng.integers(50, 90)))
    row = np.repeat(np.arange(len(widths)) % 2 * 255, widths).astype(np.uint8)
    return (
        Image.fromarray(np.tile(row, (4, 1))).resize(size, Image.Resampling.NEAREST).convert("RGB")
    )


def _seen(card: Image.Image, rng: Generator) -> Image.Image:
    """As it is, or as a camera sees it: at an angle, dim, blurred, on some ground."""
    if rng.random() < 0.5:
        return card
    ground = grey(rng, 10, 250)
    card.thumbnail((320, 320))
    room = round(max(card.size) * rng.uniform(0.1, 0.9))
    size = (card.width + 2 * room, card.height + 2 * room)
    scene = Image.new("RGB", size, ground)
    scene.paste(card, (room, room))
    shift = rng.uniform(-0.1, 0.1, 8) * max(size)
    corners = np.array([0, 0, 0, size[1], size[0], size[1], size[0], 0]) + shift
    scene = scene.transform(
        size, Image.Transform.QUAD, corners.tolist(), Image.Resampling.BICUBIC, fillcolor=ground
    )
    scene.thumbnail((640, 640))
    pixels = np.asarray(scene, np.float64)
    light = 1 + rng.uniform(-0.3, 0.3) * np.linspace(-1, 1, scene.width)[None, :, None]
    pixels = pixels * light * rng.uniform(0.5, 1.0) + rng.normal(0, 5, (*pixels.shape[:2], 1))
    seen = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    return seen.filter(ImageFilter.GaussianBlur(rng.uniform(0, 2)))
