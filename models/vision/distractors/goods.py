"""Goods in a shop: things that carry a picture or a sign, and pages of many things."""

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw, ImageFilter

from nophoto.models.vision.distractors.logos import logo
from nophoto.models.vision.distractors.sheet import Colour, Sheet, colour, grey
from nophoto.models.vision.drawing import draw

_SIGNS = ("rocket", "globe", "cup", "music-note", "smiley", "clothing", "car")
"""Kinds of drawings that shops print on things, beside logos."""


def framed_print(rng: Generator) -> Image.Image:
    """A print in a frame with a mount, lit from one side, on white or on a wall."""
    sheet = Sheet.blank(rng, _wall(rng), float(rng.choice([1.0, 0.8, 1.25])))
    width, height = sheet.image.size
    aspect = rng.uniform(0.7, 1.4)
    side = 0.82 * min(width, height * aspect)
    box = _centred(sheet, side, side / aspect)
    _shadow(sheet, box, rng)
    wood = colour(rng, 0.5, 0.45) if rng.random() < 0.6 else grey(rng, 0, 240)
    frame = side * rng.uniform(0.03, 0.09)
    _bevel(sheet.draw, box, frame, wood)
    inner = _inset(box, frame)
    sheet.draw.rectangle(inner, grey(rng, 235, 255))
    mount = _inset(inner, side * rng.uniform(0.04, 0.12))
    size = (max(8, round(mount[2] - mount[0])), max(8, round(mount[3] - mount[1])))
    sheet.image.paste(_sign(rng).resize(size), (round(mount[0]), round(mount[1])))
    return sheet.image


def printed_mug(rng: Generator) -> Image.Image:
    """A mug, a tin or a box with a sign on it, shaded round."""
    sheet = Sheet.blank(rng, _wall(rng), 1.0)
    width, height = sheet.image.size
    body = colour(rng, 0.5, 0.8) if rng.random() < 0.4 else grey(rng, 15, 245)
    w, h = rng.uniform(0.35, 0.55) * width, rng.uniform(0.4, 0.7) * height
    box = _centred(sheet, w, h)
    _shadow(sheet, box, rng)
    if rng.random() < 0.6:
        reach = w * 0.28
        handle = (box[2] - reach, box[1] + h * 0.2, box[2] + reach, box[1] + h * 0.75)
        sheet.draw.ellipse(handle, outline=body, width=round(w * 0.09))
    solid = Image.new("RGB", (round(w), round(h)), body)
    sign = _sign(rng).resize((round(w * 0.6), round(min(h, w) * 0.6)))
    solid.paste(sign, (round(w * 0.2), round((h - sign.height) / 2)))
    shade = 1 - rng.uniform(0.3, 0.6) * np.abs(np.linspace(-1, 1, round(w))) ** 2
    shade += 0.25 * np.exp(-((np.linspace(-1, 1, round(w)) + 0.45) ** 2) / 0.02)
    lit = np.asarray(solid, np.float32) * shade[None, :, None]
    mask = Image.new("L", solid.size)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, *solid.size), w * rng.uniform(0.02, 0.12), 255)
    body_image = Image.fromarray(np.clip(lit, 0, 255).astype(np.uint8))
    sheet.image.paste(body_image, (round(box[0]), round(box[1])), mask)
    lip = (box[0], box[1] - h * 0.05, box[2], box[1] + h * 0.05)
    sheet.draw.ellipse(lip, tuple(max(0, level - 40) for level in body), body, 3)
    return sheet.image


def gadget(rng: Generator) -> Image.Image:
    """A telephone, a player or a screen at an angle on white, its display lit."""
    sheet = Sheet.blank(rng, _wall(rng), float(rng.choice([1.0, 1.33])))
    aspect = float(rng.choice([0.5, 0.62, 1.5, 1.7]))
    side = 0.8 * min(sheet.width, sheet.height * aspect)
    box = _centred(sheet, side, side / aspect)
    _shadow(sheet, box, rng)
    radius = side * rng.uniform(0.02, 0.12)
    body = grey(rng, 10, 60) if rng.random() < 0.6 else grey(rng, 170, 240)
    sheet.draw.rounded_rectangle(box, radius, body, tuple(max(0, g - 30) for g in body), 3)
    screen = _inset(box, side * rng.uniform(0.03, 0.08))
    size = (max(8, round(screen[2] - screen[0])), max(8, round(screen[3] - screen[1])))
    ramp = np.linspace(0, 1, size[1])[:, None, None]
    first, last = np.array(colour(rng, 0.6, 0.6)), np.array(colour(rng, 0.6, 0.3))
    lit = np.broadcast_to(first * (1 - ramp) + last * ramp, (size[1], size[0], 3))
    glow = Image.fromarray(lit.astype(np.uint8).copy())
    for _ in range(int(rng.integers(0, 10))):
        x, y = rng.uniform(0.05, 0.8, 2) * size
        icon = size[0] * 0.12
        ImageDraw.Draw(glow).rounded_rectangle((x, y, x + icon, y + icon), icon / 5, colour(rng))
    sheet.image.paste(glow, (round(screen[0]), round(screen[1])))
    slant = rng.uniform(-14, 14)
    ground = sheet.image.getpixel((1, 1))
    return sheet.image.rotate(slant, Image.Resampling.BICUBIC, fillcolor=ground)


def catalogue(rng: Generator) -> Image.Image:
    """A page of goods in rows, with prices and an address across."""
    sheet = Sheet.blank(rng, grey(rng, 240, 255), float(rng.choice([1.0, 1.33, 0.75])))
    columns, rows = int(rng.integers(2, 5)), int(rng.integers(2, 4))
    step_x, step_y = sheet.width / columns, sheet.height / rows
    for row in range(rows):
        for column in range(columns):
            thing = (gadget, printed_mug, framed_print)[int(rng.integers(3))](rng)
            thing.thumbnail((round(step_x * 0.85), round(step_y * 0.75)))
            x, y = column * step_x + step_x * 0.08, row * step_y + step_y * 0.05
            sheet.image.paste(thing, (round(x), round(y)))
            price = (200, 30, 30) if rng.random() < 0.5 else (30, 30, 30)
            sheet.text(x, y + step_y * 0.78, step_x * 0.6, step_y * 0.1, price, words=1)
    if rng.random() < 0.6:
        size = sheet.width * 0.07
        sheet.text(size, sheet.height * 0.45, sheet.width * 0.85, size, colour(rng, 0.9, 0.9))
    return sheet.image


def _sign(rng: Generator) -> Image.Image:
    if rng.random() < 0.4:
        return logo(rng)
    kind = _SIGNS[int(rng.integers(len(_SIGNS)))]
    return draw(int(rng.integers(2**31)), kind, longest_side=256).image


def _wall(rng: Generator) -> Colour:
    if rng.random() < 0.6:
        return (255, 255, 255)
    return grey(rng, 170, 250) if rng.random() < 0.6 else colour(rng, 0.3, 0.8)


Edges = tuple[float, float, float, float]


def _centred(sheet: Sheet, width: float, height: float) -> Edges:
    left, top = (sheet.width - width) / 2, (sheet.height - height) / 2
    return left, top, left + width, top + height


def _inset(box: Edges, by: float) -> Edges:
    return box[0] + by, box[1] + by, box[2] - by, box[3] - by


def _bevel(surface: ImageDraw.ImageDraw, box: Edges, width: float, wood: Colour) -> None:
    """A frame whose four sides catch the light differently."""
    left, top, right, bottom = box
    inner = _inset(box, width)
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    inside = [
        (inner[0], inner[1]),
        (inner[2], inner[1]),
        (inner[2], inner[3]),
        (inner[0], inner[3]),
    ]
    for side, light in enumerate((1.15, 0.75, 0.6, 0.95)):
        after = (side + 1) % 4
        tone = tuple(min(255, round(level * light)) for level in wood)
        polygon = [corners[side], corners[after], inside[after], inside[side]]
        surface.polygon(polygon, (tone[0], tone[1], tone[2]))


def _shadow(sheet: Sheet, box: Edges, rng: Generator) -> None:
    shift = rng.uniform(4, 16)
    mask = Image.new("L", sheet.image.size)
    ImageDraw.Draw(mask).rectangle(tuple(edge + shift for edge in box), 150)
    blurred = mask.filter(ImageFilter.GaussianBlur(rng.uniform(6, 18)))
    sheet.image.paste((90, 90, 90), mask=blurred.point([level // 2 for level in range(256)]))
