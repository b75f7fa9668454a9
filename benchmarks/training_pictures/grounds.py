"""Lays graphics as people upload them: large, on white or a colour, seldom with wide margins."""

import colorsys

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image

Colour = tuple[int, int, int]

_LONGEST = (96, 513)
_DARKEST, _WHITE = (18, 18, 22), (255, 255, 255)
_SHAPES = (1.0, 1.0, 1.0, 1.33, 1.78, 0.75)
_SEEN = 40  # of 255: so far must a graphic's colours be from its ground


def on_ground(cut_out: Image.Image, rng: Generator) -> Image.Image:
    """A logo, a flag or a drawing on a plain ground, or without one if it has its own.

    Args:
        cut_out: RGBA.
        rng: chooses the ground, the size, and a tint for what is black all over.

    Returns:
        RGB, its longer side 96 to 512 pixels.
    """
    longest = int(rng.integers(*_LONGEST))
    if np.asarray(cut_out.getchannel("A")).min() > 250 and rng.random() < 0.8:
        return _scaled(cut_out, longest).convert("RGB")
    graphic = _tinted(cut_out.crop(cut_out.getchannel("A").getbbox()), rng)
    share = rng.uniform(0.6, 0.95)
    if rng.random() < 0.3:
        graphic = _scaled(graphic, max(8, round(longest * share)))
        margin = round(longest * rng.uniform(0.0, 0.08))
        size = (graphic.width + 2 * margin, graphic.height + 2 * margin)
        size = (max(64, size[0]), max(64, size[1]))
    else:
        shape = float(rng.choice(_SHAPES))
        size = (round(longest * min(1.0, shape)), round(longest / max(1.0, shape)))
        graphic = _scaled(graphic, max(8, round(min(size) * share)))
    return _laid(graphic, size, rng)


def pixels_on_ground(sprite: Image.Image, rng: Generator) -> Image.Image:
    """Pixel art with its pixels made large, on a plain ground where it has none.

    Args:
        sprite: RGBA, small.
        rng: chooses how large, and the ground.

    Returns:
        RGB, its longer side 64 to 512 pixels.
    """
    if (box := sprite.getchannel("A").getbbox()) is not None:
        sprite = sprite.crop(box)
    times = max(1, int(rng.integers(96, 400)) // max(sprite.size))
    large = sprite.resize((sprite.width * times, sprite.height * times), Image.Resampling.NEAREST)
    margin = round(max(large.size) * rng.choice((0.0, 0.08, 0.2)))
    side = max(64, max(large.size) + 2 * margin)
    size = (side, side) if rng.random() < 0.7 else (max(64, large.width), max(64, large.height))
    return _laid(large, size, rng)


def _laid(graphic: Image.Image, size: tuple[int, int], rng: Generator) -> Image.Image:
    ground = Image.new("RGBA", size, (*_ground_for(graphic, rng), 255))
    place = ((size[0] - graphic.width) // 2, (size[1] - graphic.height) // 2)
    ground.paste(graphic, place, graphic)
    return ground.convert("RGB")


def _ground_for(graphic: Image.Image, rng: Generator) -> Colour:
    """A colour on which a graphic is seen."""
    seen = _opaque(graphic)
    for colour in (_chance_ground(seen, rng), _WHITE, _DARKEST):
        if _contrast(seen, colour):
            return colour
    return (128, 128, 128)


def _chance_ground(seen: NDArray[np.float64], rng: Generator) -> Colour:
    choice, hue = rng.random(), rng.random()
    if choice < 0.45 or not len(seen):
        return _WHITE
    if choice < 0.55:
        return (int(low := rng.integers(232, 256)), int(low), int(low))
    if choice < 0.7:  # the graphic's own colour, much lighter or darker
        towards = 255.0 if rng.random() < 0.6 else 0.0
        own = seen.mean(axis=0) * 0.3 + towards * 0.7
        return (int(own[0]), int(own[1]), int(own[2]))
    if choice < 0.8:
        return _from_hsv(hue, rng.uniform(0.05, 0.25), rng.uniform(0.9, 1.0))
    if choice < 0.92:
        return _from_hsv(hue, rng.uniform(0.5, 1.0), rng.uniform(0.4, 1.0))
    return _from_hsv(hue, rng.uniform(0.0, 0.5), rng.uniform(0.05, 0.25))


def _from_hsv(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(hue, saturation, value)
    return (round(red * 255), round(green * 255), round(blue * 255))


def _contrast(seen: NDArray[np.float64], colour: Colour) -> bool:
    if not len(seen):
        return True
    return bool((np.abs(seen - np.array(colour)).max(axis=1) > _SEEN).mean() > 0.35)


def _tinted(graphic: Image.Image, rng: Generator) -> Image.Image:
    """What is of one tone without colour, in a brand's colour; all else as it is."""
    seen = _opaque(graphic)
    if not len(seen) or seen.std(axis=0).max() > 6 or np.ptp(seen.mean(axis=0)) > 12:
        return graphic
    if rng.random() < 0.25:
        return graphic
    tint = _from_hsv(rng.random(), rng.uniform(0.5, 1.0), rng.uniform(0.3, 0.95))
    tinted = Image.new("RGBA", graphic.size, (*tint, 255))
    tinted.putalpha(graphic.getchannel("A"))
    return tinted


def _opaque(graphic: Image.Image) -> NDArray[np.float64]:
    """The colours of the pixels that are seen."""
    small = graphic.copy()
    small.thumbnail((64, 64), Image.Resampling.NEAREST)
    pixels = np.asarray(small, dtype=np.float64).reshape(-1, 4)
    return pixels[pixels[:, 3] > 128, :3]


def _scaled(graphic: Image.Image, side: int) -> Image.Image:
    scale = side / max(graphic.size)
    size = (max(1, round(graphic.width * scale)), max(1, round(graphic.height * scale)))
    return graphic.resize(size, Image.Resampling.BICUBIC)
