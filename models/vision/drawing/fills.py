"""Gradients and textures, as pictures to lay through a layer or under a drawing."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageFilter, ImageOps

from nophoto.models.vision.drawing.palette import blend
from nophoto.models.vision.drawing.pen import Colour

_GRID = 48
"""Gradients are computed on this grid and enlarged: they have no detail to lose."""


def linear_gradient(
    size: tuple[int, int], start: Colour, end: Colour, degrees: float
) -> Image.Image:
    """A gradient from `start` to `end`; 0 degrees runs to the right, 90 downwards."""
    ys, xs = np.mgrid[0:_GRID, 0:_GRID] / (_GRID - 1)
    angle = np.radians(degrees)
    ramp = xs * np.cos(angle) + ys * np.sin(angle)
    return _coloured(ramp, size, start, end)


def radial_gradient(
    size: tuple[int, int], centre: Colour, edge: Colour, x: float = 0.5, y: float = 0.5
) -> Image.Image:
    """A gradient from `centre` at the point (x, y), in 0..1, to `edge` at the farthest corner."""
    ys, xs = np.mgrid[0:_GRID, 0:_GRID] / (_GRID - 1)
    return _coloured(np.hypot(xs - x, ys - y), size, centre, edge)


def texture(size: tuple[int, int], colour: Colour, strength: float, rng: Generator) -> Image.Image:
    """Paper or cloth: noise about one colour, `strength` levels strong, at times drawn out."""
    width, height = (max(1, side // 3) for side in size)
    cell = (height, 1) if rng.random() < 0.2 else (height, width)
    noise = np.broadcast_to(rng.normal(0.5, 0.16, cell), (height, width))
    darker = blend(colour, (0, 0, 0), strength / 255)
    lighter = blend(colour, (255, 255, 255), strength / 255)
    grey = Image.fromarray((noise.clip(0, 1) * 255).astype(np.uint8))
    return ImageOps.colorize(grey.resize(size, Image.Resampling.BILINEAR), darker, lighter)


def modelled(layer: Image.Image, colour: Colour, rng: Generator) -> Image.Image:
    """The colour lit from above as if the layer's shape were rounded: the clip art of old."""
    base = blend(colour, (128, 128, 128), 0.4)
    width, height = (max(8, side // 4) for side in layer.size)
    shape = layer.resize((width, height), Image.Resampling.BOX)
    reach = max(width, height) * rng.uniform(0.008, 0.03)
    relief = np.asarray(shape.filter(ImageFilter.GaussianBlur(reach)), np.float64)
    slope_y, slope_x = np.gradient(relief)
    light = -(slope_y + slope_x * rng.uniform(-0.8, 0.8))
    light /= max(1e-6, float(np.abs(light).max()))
    light = light * rng.uniform(0.35, 0.7) + np.linspace(0.25, -0.25, height)[:, None]
    lit = np.asarray(base) + 255 * 0.6 * light[..., None]
    picture = Image.fromarray(lit.clip(0, 255).astype(np.uint8))
    return picture.resize(layer.size, Image.Resampling.BICUBIC)


def _coloured(
    ramp: NDArray[np.float64], size: tuple[int, int], start: Colour, end: Colour
) -> Image.Image:
    ramp = (ramp - ramp.min()) / (ramp.max() - ramp.min())
    grey = Image.fromarray((ramp * 255).round().astype(np.uint8))
    return ImageOps.colorize(grey.resize(size, Image.Resampling.BICUBIC), start, end)
