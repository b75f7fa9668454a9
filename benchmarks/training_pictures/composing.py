"""Lays what was cut out on a ground: icons as placeholders, objects as goods."""

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageEnhance

from models.vision.drawing.backgrounds import background
from models.vision.drawing.canvas import Canvas
from models.vision.drawing.frames import frame
from models.vision.drawing.palette import palette
from models.vision.drawing.typography import caption, write

_ASPECTS = (1.0, 1.0, 1.0, 1.33, 1.5, 0.75)


def icon_placeholder(icon: Image.Image, rng: Generator) -> Image.Image:
    """An icon on a plain background, at times grey, faded or with a caption: an empty state.

    Args:
        icon: RGBA.
        rng: chooses all of it.

    Returns:
        RGB, its longer side 96 to 400 pixels.
    """
    longest, aspect = int(rng.integers(96, 401)), float(rng.choice(_ASPECTS))
    canvas = Canvas.of_size(
        round(longest * min(1.0, aspect)), round(longest / max(1.0, aspect)), palette(rng)
    )
    background(canvas, rng)
    style = rng.random()
    if style < 0.3:
        icon = ImageEnhance.Color(icon).enhance(0.0)
    if style < 0.15:
        icon = _faded(icon, rng.uniform(0.3, 0.7))
    has_caption = rng.random() < 0.25 and min(canvas.size) > 180 * canvas.scale
    _lay(canvas, icon, rng.uniform(0.3, 0.85), 0.4 if has_caption else 0.5)
    if has_caption:
        write(canvas.draw, canvas.part(0.1, 0.82, 0.8, 0.1), caption(rng), canvas.palette.ink, rng)
    frame(canvas, rng, may_be_round=False)
    return canvas.finished()


def goods_on_plain(thing: Image.Image, rng: Generator) -> Image.Image:
    """A cut-out object as shops show goods: large, on white or nearly so.

    Args:
        thing: RGBA.
        rng: chooses the ground and the size.

    Returns:
        RGB, 320 x 320.
    """
    low = 255 if rng.random() < 0.6 else int(rng.integers(150, 250))
    ground = Image.new("RGBA", (320, 320), (low, low, low, 255))
    size = round(320 * rng.uniform(0.6, 0.95))
    fitted = _fitted(thing, size)
    ground.alpha_composite(fitted, ((320 - fitted.width) // 2, (320 - fitted.height) // 2))
    return ground.convert("RGB")


def is_worth_laying(cut_out: Image.Image) -> bool:
    """Whether anything is to be seen in an RGBA picture: some is opaque, and it is not a speck."""
    alpha = np.asarray(cut_out.getchannel("A"))
    return bool((alpha > 128).mean() > 0.05)


def is_cut_out(picture: Image.Image) -> bool:
    """Whether an RGBA picture lets its ground be seen: a piece of a photograph, no photograph."""
    return bool(np.asarray(picture.getchannel("A")).min() < 250)


def is_even(picture: Image.Image) -> bool:
    """Whether a picture is one tone all over: a tile, wherever it comes from."""
    return bool(np.asarray(picture.convert("L")).std() < 4)


def _lay(canvas: Canvas, icon: Image.Image, share: float, height: float) -> None:
    fitted = _fitted(icon, max(8, round(canvas.side * share)))
    left = (canvas.size[0] - fitted.width) // 2
    top = max(0, round(canvas.size[1] * height - fitted.height / 2))
    canvas.image.paste(fitted, (left, top), fitted)


def _fitted(picture: Image.Image, side: int) -> Image.Image:
    scale = side / max(picture.size)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, Image.Resampling.BICUBIC)


def _faded(icon: Image.Image, share: float) -> Image.Image:
    faded = icon.copy()
    faded.putalpha(icon.getchannel("A").point(lambda tone: round(tone * share)))
    return faded
