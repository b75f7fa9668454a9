"""Changes of where things are: turned, moved, sheared, cropped, padded."""

import math
from collections import Counter

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageOps

Colour = tuple[int, int, int]


def rotation(image: Image.Image, rng: Generator, strength: float = 1.0) -> Image.Image:
    """Turned by up to 8 degrees, the corners in the border's colour."""
    degrees = rng.uniform(-8, 8) * strength
    return image.rotate(degrees, Image.Resampling.BILINEAR, fillcolor=border_colour(image))


def width_shift(image: Image.Image, rng: Generator, strength: float = 1.0) -> Image.Image:
    """Moved sideways by up to a tenth of the width."""
    return _moved(image, rng.uniform(-0.1, 0.1) * strength, 0.0)


def height_shift(image: Image.Image, rng: Generator, strength: float = 1.0) -> Image.Image:
    """Moved up or down by up to a tenth of the height."""
    return _moved(image, 0.0, rng.uniform(-0.1, 0.1) * strength)


def shear(image: Image.Image, rng: Generator, strength: float = 1.0) -> Image.Image:
    """Sheared by up to 8 degrees, about the middle."""
    slope = math.tan(math.radians(rng.uniform(-8, 8) * strength))
    return _affine(image, (1.0, slope, -slope * image.height / 2, 0.0, 1.0, 0.0))


def zoom(image: Image.Image, rng: Generator, strength: float = 1.0) -> Image.Image:
    """Larger or smaller by up to a tenth, about the middle."""
    scale = 1 + rng.uniform(-0.1, 0.1) * strength
    width, height = image.size
    rest = 1 - scale
    return _affine(image, (scale, 0.0, rest * width / 2, 0.0, scale, rest * height / 2))


def horizontal_flip(image: Image.Image, rng: Generator, strength: float = 1.0) -> Image.Image:  # noqa: ARG001
    """Left for right."""
    return ImageOps.mirror(image)


def vertical_flip(image: Image.Image, rng: Generator, strength: float = 1.0) -> Image.Image:  # noqa: ARG001
    """Upside down."""
    return ImageOps.flip(image)


def crop(image: Image.Image, rng: Generator, strength: float = 1.0) -> Image.Image:
    """Without up to a tenth of each side length, taken from any edge."""
    width, height = image.size
    lost_x, lost_y = rng.uniform(0, 0.1 * strength, 2) * image.size
    left, top = rng.uniform(0, 1, 2) * (lost_x, lost_y)
    box = (left, top, max(left + 1, left + width - lost_x), max(top + 1, top + height - lost_y))
    return image.crop(tuple(round(edge) for edge in box))


def pad(image: Image.Image, rng: Generator, strength: float = 1.0) -> Image.Image:
    """With a border of up to a fifth in all, or as bars that make it a square."""
    width, height = image.size
    colour = _padding_colour(image, rng)
    if rng.random() < 0.3 and width != height:
        side = max(width, height)
        return ImageOps.pad(image, (side, side), color=colour)
    share = rng.uniform(0, 0.2 * strength, 2) / 2
    border = (round(width * share[0]), round(height * share[1]))
    return ImageOps.expand(image, border, colour)


def border_colour(image: Image.Image) -> Colour:
    """The commonest colour along the edges, as a background."""
    small = image.resize((24, 24), Image.Resampling.NEAREST)
    pixels = np.asarray(small)
    edges = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    ((colour, _),) = Counter(map(tuple, edges.tolist())).most_common(1)
    return (int(colour[0]), int(colour[1]), int(colour[2]))


def _padding_colour(image: Image.Image, rng: Generator) -> Colour:
    style = rng.random()
    if style < 0.4:
        return border_colour(image)
    return (255, 255, 255) if style < 0.75 else (0, 0, 0)


def _moved(image: Image.Image, right: float, down: float) -> Image.Image:
    width, height = image.size
    return _affine(image, (1.0, 0.0, -right * width, 0.0, 1.0, -down * height))


def _affine(image: Image.Image, coefficients: tuple[float, ...]) -> Image.Image:
    return image.transform(
        image.size,
        Image.Transform.AFFINE,
        coefficients,
        Image.Resampling.BILINEAR,
        fillcolor=border_colour(image),
    )
