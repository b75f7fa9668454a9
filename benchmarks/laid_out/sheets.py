"""Grounds, inks and lettering of pictures that are laid out."""

import colorsys
from collections.abc import Sequence
from functools import lru_cache
from random import Random

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.laid_out.words import Words

Colour = tuple[int, ...]
Box = tuple[float, float, float, float]
"""Left, top, width and height in pixels."""

_SIDES = (96, 128, 160, 200, 240, 300, 400, 512)
_ASPECTS = (1.33, 1.5, 1.78, 0.75, 0.67, 2, 0.8, 3)
_GREYS = (
    *(255, 255, 250, 245, 240, 238, 230, 224, 220, 210, 204, 200),
    *(180, 150, 128, 100, 60, 40, 20, 0),
)
_INK_GREYS = (0, 20, 50, 80, 100, 120, 150, 170, 190, 200, 220, 240, 255, 255)
_TRIAL = 64
_SMALLEST_LETTERS = 5
_CJK = 0x2E80


def ground(rng: Random, grey: float = 0.5) -> Colour:
    """A colour of a ground: grey in that share of pictures, else pale or strong."""
    chance = rng.random()
    if chance < grey:
        level, tint = rng.choice(_GREYS), rng.randint(-4, 4)
        return tuple(min(255, max(0, level + shift)) for shift in (0, tint, 2 * tint))
    if chance < grey + (1 - grey) * 0.4:
        return _hsv(rng.random(), rng.uniform(0.03, 0.3), rng.uniform(0.8, 1))
    return _hsv(rng.random(), rng.uniform(0.3, 1), rng.uniform(0.15, 1))


def ink_on(rng: Random, paper: Colour, contrast: float = 0.5) -> Colour:
    """A colour that shows on `paper`, at most faintly where `contrast` (0 to 1) is small."""
    for _ in range(30):
        ink = _ink(rng, paper)
        if abs(_luminance(ink) - _luminance(paper)) > rng.uniform(0.06, contrast):
            return ink
    return (0, 0, 0) if _luminance(paper) > 0.5 else (255, 255, 255)


def _ink(rng: Random, paper: Colour) -> Colour:
    chance = rng.random()
    if chance < 0.6:
        return (rng.choice(_INK_GREYS),) * 3
    if chance < 0.8:
        hue, saturation, value = colorsys.rgb_to_hsv(*(level / 255 for level in paper))
        return _hsv(
            hue,
            min(1.0, max(0.0, saturation + rng.uniform(-0.2, 0.3))),
            min(1.0, max(0.0, value + rng.uniform(-0.6, 0.6))),
        )
    return _hsv(rng.random(), rng.uniform(0.3, 1), rng.uniform(0.2, 1))


def _hsv(hue: float, saturation: float, value: float) -> Colour:
    return tuple(round(255 * level) for level in colorsys.hsv_to_rgb(hue, saturation, value))


def _luminance(colour: Colour) -> float:
    red, green, blue = colour
    return (0.3 * red + 0.59 * green + 0.11 * blue) / 255


def sheet(rng: Random, square: float = 0.5, grey: float = 0.5) -> tuple[Image.Image, Colour]:
    """An empty ground, RGB, and its colour: even, fading, striped or grained, at times framed.

    Args:
        rng: of all chances.
        square: share of square ones.
        grey: share of grey ones.
    """
    side = rng.choice(_SIDES)
    aspect = 1 if rng.random() < square else rng.choice(_ASPECTS)
    width = side if aspect >= 1 else max(24, round(side * aspect))
    height = side if aspect < 1 else max(24, round(side / aspect))
    paper = ground(rng, grey)
    image = _textured(rng, Image.new("RGB", (width, height), paper), paper)
    draw, chance, ink = ImageDraw.Draw(image), rng.random(), ink_on(rng, paper, 0.3)
    smaller = min(width, height)
    if chance < 0.12:
        stroke = max(1, round(smaller * rng.choice([0.005, 0.01, 0.02, 0.04])))
        draw.rectangle((0, 0, width - 1, height - 1), outline=ink, width=stroke)
    elif chance < 0.18:
        inset = round(smaller * rng.uniform(0.03, 0.1))
        draw.rounded_rectangle(
            (inset, inset, width - 1 - inset, height - 1 - inset),
            rng.choice([0, 4, 12, 20]),
            outline=ink,
            width=max(1, round(smaller * 0.01)),
        )
    return image, paper


def _textured(rng: Random, image: Image.Image, paper: Colour) -> Image.Image:
    chance = rng.random()
    width, height = image.size
    if chance < 0.12:
        other = tuple(min(255, max(0, level + rng.randint(-70, 70))) for level in paper)
        if rng.random() < 0.6:
            fade = Image.linear_gradient("L").rotate(rng.choice([0, 90, 180, 270]))
        else:
            fade = Image.radial_gradient("L")
        return Image.composite(Image.new("RGB", image.size, other), image, fade.resize(image.size))
    if chance < 0.16:
        stripe = tuple(min(255, max(0, level + rng.choice([-24, -14, 14, 24]))) for level in paper)
        draw, step = ImageDraw.Draw(image), rng.randint(6, 24)
        for left in range(-height, width, 2 * step):
            right = left + step
            draw.polygon(
                [(left, height), (right, height), (right + height, 0), (left + height, 0)],
                fill=stripe,
            )
    elif chance < 0.18:
        noise = np.random.default_rng(rng.getrandbits(30)).normal(
            0, rng.uniform(2, 10), (height, width, 1)
        )
        pixels = np.asarray(image, np.int16) + noise
        return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
    return image


def plate(rng: Random, image: Image.Image, size: float) -> Colour:
    """Draw a disc or a tile in the middle, for a figure of `size` pixels; the colour it has."""
    colour = ground(rng, 0.35)
    half = size * rng.uniform(1.3, 1.8) / 2
    x, y = image.width / 2, image.height / 2
    box = (x - half, y - half, x + half, y + half)
    if rng.random() < 0.6:
        ImageDraw.Draw(image).ellipse(box, fill=colour)
    else:
        radius = half * rng.choice([0.1, 0.3, 0.5])
        ImageDraw.Draw(image).rounded_rectangle(box, radius, fill=colour)
    return colour


def lay(rng: Random, image: Image.Image, figure: Image.Image, x: float, y: float) -> None:
    """Lay a figure, RGBA, with its middle at (x, y), shares of the picture; at times shadowed."""
    left = round(x * image.width - figure.width / 2)
    top = round(y * image.height - figure.height / 2)
    if rng.random() < 0.05:
        shadow = Image.new("RGBA", figure.size, (0, 0, 0, 0))
        shadow.putalpha(figure.getchannel("A").point(lambda level: level // 3))
        image.paste(shadow, (left + 3, top + 3), shadow)
    image.paste(figure, (left, top), figure)


def write(
    rng: Random,
    image: Image.Image,
    box: Box,
    words: Words,
    ink: Colour,
    lines: int = 1,
    align: str = "center",
) -> None:
    """Write words as large as `box` allows; nothing where they would be too small to see."""
    text, fonts = words
    path, text = rng.choice(fonts), _broken(text, lines)
    left, top, width, height = box
    draw = ImageDraw.Draw(image)
    trial = draw.multiline_textbbox((0, 0), text, font=_font(path, _TRIAL), align=align)
    fit = min(
        width / max(1, trial[2] - trial[0]),
        height / max(1, trial[3] - trial[1]),
    )
    size = int(_TRIAL * fit * 0.97)
    if size < _SMALLEST_LETTERS:
        return
    font = _font(path, size)
    inked = draw.multiline_textbbox((0, 0), text, font=font, align=align)
    slack = 0 if align == "left" else (width - (inked[2] - inked[0])) / 2
    place = (left + slack - inked[0], top + (height - (inked[3] - inked[1])) / 2 - inked[1])
    draw.multiline_text(place, text, font=font, fill=ink, align=align)


def _broken(text: str, lines: int) -> str:
    """A text in at most that many lines of about the same length."""
    if " " not in text:
        if lines > 1 and len(text) > 4 and ord(text[0]) > _CJK:
            step = -(-len(text) // lines)
            return "\n".join(text[start : start + step] for start in range(0, len(text), step))
        return text
    parts: list[str] = []
    for word in text.split(" "):
        is_full = not parts or len(parts[-1]) + len(word) / 2 > len(text) / lines
        if is_full and len(parts) < lines:
            parts.append(word)
        else:
            parts[-1] += f" {word}"
    return "\n".join(parts)


@lru_cache(256)
def _font(path: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size)


def middle(box: Sequence[float], image: Image.Image) -> Box:
    """A box in pixels, of shares of a picture: middle, width and height."""
    x, y, width, height = box
    height = min(height, 2 * min(y, 1 - y) - 0.04)
    return (
        image.width * (x - width / 2),
        image.height * (y - height / 2),
        image.width * width,
        image.height * height,
    )
