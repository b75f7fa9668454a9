"""What lies behind a figure or a caption."""

import numpy as np
from numpy.random import Generator
from PIL import ImageDraw

from nophoto.models.vision.drawing.canvas import Canvas
from nophoto.models.vision.drawing.fills import linear_gradient, radial_gradient, texture
from nophoto.models.vision.drawing.palette import blend, luminance


def background(canvas: Canvas, rng: Generator) -> None:
    """Flat as a rule; sometimes a gradient, a pattern or a texture, all of low contrast."""
    canvas.image.paste(canvas.palette.paper, (0, 0, *canvas.size))
    style = rng.choice(_STYLES, p=_WEIGHTS)
    if style == "gradient":
        gradient(canvas, rng, rng.uniform(0.08, 0.4))
    elif style == "radial":
        glow(canvas, rng)
    elif style == "stripes":
        stripes(canvas, rng, rng.uniform(0.02, 0.12))
    elif style == "dots":
        dots(canvas, rng, rng.uniform(0.05, 0.2))
    elif style == "checks":
        checks(canvas, rng, rng.uniform(0.03, 0.12))
    elif style == "texture":
        grain = texture(canvas.size, canvas.palette.paper, rng.uniform(5, 22), rng)
        canvas.image.paste(grain)


_STYLES = ("flat", "gradient", "radial", "stripes", "dots", "checks", "texture")
_WEIGHTS = (0.68, 0.12, 0.06, 0.04, 0.02, 0.02, 0.06)


def gradient(canvas: Canvas, rng: Generator, strength: float) -> None:
    """A linear gradient of the paper towards black or white, whichever it is farther from."""
    paper = canvas.palette.paper
    away = (0, 0, 0) if luminance(paper) > 128 else (255, 255, 255)
    degrees = float(rng.choice([90, 90, 270, 0, 45, 135]))
    canvas.image.paste(linear_gradient(canvas.size, paper, blend(paper, away, strength), degrees))


def glow(canvas: Canvas, rng: Generator) -> None:
    """A lighter middle, as in glossy icons."""
    paper = canvas.palette.paper
    edge = blend(paper, (0, 0, 0), rng.uniform(0.1, 0.5))
    canvas.image.paste(radial_gradient(canvas.size, paper, edge, 0.5, rng.uniform(0.3, 0.6)))


def stripes(canvas: Canvas, rng: Generator, strength: float) -> None:
    """Diagonal, upright or level stripes."""
    layer = canvas.layer()
    draw = ImageDraw.Draw(layer)
    width, height = canvas.size
    step = canvas.side * rng.uniform(0.04, 0.2)
    line = max(2, round(step * rng.uniform(0.2, 0.6)))
    lean = float(rng.choice([0.0, 1.0, -1.0]))
    is_level = lean == 0.0 and rng.random() < 0.5
    for start in np.arange(-height, width + height, step):
        if is_level:
            draw.line((0, start, width, start), 255, line)
        else:
            draw.line((start, 0, start + lean * height, height), 255, line)
    canvas.stamp(layer, blend(canvas.palette.paper, canvas.palette.ink, strength))


def dots(canvas: Canvas, rng: Generator, strength: float) -> None:
    """A grid of dots, every other row shifted."""
    layer = canvas.layer()
    draw = ImageDraw.Draw(layer)
    width, height = canvas.size
    step = canvas.side * rng.uniform(0.06, 0.2)
    r = step * rng.uniform(0.08, 0.3)
    for row, y in enumerate(np.arange(0, height + step, step)):
        for x in np.arange(step / 2 * (row % 2), width + step, step):
            draw.ellipse((x - r, y - r, x + r, y + r), 255)
    canvas.stamp(layer, blend(canvas.palette.paper, canvas.palette.ink, strength))


def checks(canvas: Canvas, rng: Generator, strength: float) -> None:
    """A checkerboard, as editors show transparency."""
    layer = canvas.layer()
    draw = ImageDraw.Draw(layer)
    width, height = canvas.size
    step = canvas.side / int(rng.integers(4, 20))
    for row, y in enumerate(np.arange(0, height, step)):
        for x in np.arange(step * (row % 2), width, step * 2):
            draw.rectangle((x, y, x + step - 1, y + step - 1), 255)
    canvas.stamp(layer, blend(canvas.palette.paper, canvas.palette.ink, strength))
