"""Edges of a picture: borders, rounded corners, round crops."""

import numpy as np
from numpy.random import Generator
from PIL import ImageDraw

from nophoto.models.vision.drawing.canvas import Canvas
from nophoto.models.vision.drawing.palette import blend

WHITE = (255, 255, 255)


def frame(canvas: Canvas, rng: Generator, *, may_be_round: bool = True) -> None:
    """No frame as a rule; sometimes a border, dashes, rounded corners or a round crop.

    Args:
        canvas: what to frame.
        rng: chooses the frame.
        may_be_round: whether a round crop would spare what matters.

    """
    style = rng.choice(_STYLES, p=_WEIGHTS)
    if style == "border":
        border(canvas, rng, inset=0.0)
    elif style == "inset":
        border(canvas, rng, inset=rng.uniform(0.02, 0.07))
    elif style == "dashes":
        dashes(canvas, rng)
    elif style == "rounded":
        rounded(canvas, rng)
    elif style == "round" and may_be_round:
        round_crop(canvas, rng)


_STYLES = ("none", "border", "inset", "dashes", "rounded", "round")
_WEIGHTS = (0.62, 0.12, 0.07, 0.05, 0.09, 0.05)


def border(canvas: Canvas, rng: Generator, inset: float) -> None:
    """A line along the edge, `inset` shares of the smaller side away from it."""
    gap = inset * canvas.side
    width, height = canvas.size
    colour = blend(canvas.palette.paper, canvas.palette.ink, rng.uniform(0.25, 1.0))
    line = max(canvas.scale, round(canvas.side * rng.choice([0.006, 0.012, 0.02, 0.04])))
    radius = canvas.side * (rng.uniform(0.02, 0.12) if rng.random() < 0.25 and inset else 0)
    canvas.draw.rounded_rectangle(
        (gap, gap, width - gap - 1, height - gap - 1), radius, outline=colour, width=line
    )


def dashes(canvas: Canvas, rng: Generator) -> None:
    """A dashed border, as around a drop zone."""
    gap = canvas.side * rng.uniform(0.0, 0.07)
    width, height = canvas.size
    dash = canvas.side * rng.uniform(0.02, 0.08)
    line = max(canvas.scale, round(canvas.side * rng.uniform(0.006, 0.025)))
    colour = blend(canvas.palette.paper, canvas.palette.ink, rng.uniform(0.5, 1.0))
    draw = canvas.draw
    right, bottom = width - gap - line, height - gap - line
    for x in np.arange(gap, right, dash * 1.8):
        for y in (gap, bottom):
            draw.rectangle((x, y, min(x + dash, right + line), y + line), fill=colour)
    for y in np.arange(gap, bottom, dash * 1.8):
        for x in (gap, right):
            draw.rectangle((x, y, x + line, min(y + dash, bottom + line)), fill=colour)


def rounded(canvas: Canvas, rng: Generator) -> None:
    """Rounded corners on a page, at times with a margin."""
    margin = canvas.side * (rng.uniform(0.02, 0.08) if rng.random() < 0.3 else 0)
    width, height = canvas.size
    layer = canvas.layer()
    ImageDraw.Draw(layer).rounded_rectangle(
        (margin, margin, width - margin - 1, height - margin - 1),
        canvas.side * rng.uniform(0.04, 0.25),
        fill=255,
    )
    canvas.crop(layer, _page(rng))


def round_crop(canvas: Canvas, rng: Generator) -> None:
    """A disc out of the middle, at times with a ring around it."""
    width, height = canvas.size
    r = canvas.side * rng.uniform(0.46, 0.5)
    disc = (width / 2 - r, height / 2 - r, width / 2 + r - 1, height / 2 + r - 1)
    layer = canvas.layer()
    ImageDraw.Draw(layer).ellipse(disc, fill=255)
    canvas.crop(layer, _page(rng))
    if rng.random() < 0.35:
        line = max(canvas.scale, round(canvas.side * rng.uniform(0.01, 0.05)))
        canvas.draw.ellipse(disc, outline=canvas.palette.ink, width=line)


def _page(rng: Generator) -> tuple[int, int, int]:
    level = 0 if rng.random() < 0.15 else int(rng.integers(240, 256))
    return level, level, level
