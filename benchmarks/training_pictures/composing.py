"""Lays what was cut out on a ground as goods, and says what is worth it."""

import numpy as np
from numpy.random import Generator
from PIL import Image


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


def _fitted(picture: Image.Image, side: int) -> Image.Image:
    scale = side / max(picture.size)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, Image.Resampling.BICUBIC)
