"""Marks of platforms that stand where a picture is missing."""

import numpy as np
from numpy.random import Generator

from nophoto.models.vision.drawing.backgrounds import background
from nophoto.models.vision.drawing.canvas import Canvas
from nophoto.models.vision.drawing.curves import regular, smooth
from nophoto.models.vision.drawing.frames import frame
from nophoto.models.vision.drawing.palette import Palette, hue
from nophoto.models.vision.drawing.pen import Pen
from nophoto.models.vision.drawing.typography import Caption, write

_SYLLABLES = ("no", "va", "lu", "mi", "ka", "ro", "ti", "ze", "bo", "fy", "pix", "dex", "lo", "ari")


def logo(canvas: Canvas, rng: Generator) -> None:
    """An abstract mark, a wordmark, or both, in a colour or faded to grey."""
    if rng.random() < 0.55:
        ink = hue(rng, saturation=(0.5, 1.0), value=(0.4, 0.95))
        accent = hue(rng, saturation=(0.5, 1.0), value=(0.4, 0.95))
        paper = (255, 255, 255) if rng.random() < 0.7 else canvas.palette.paper
        canvas.palette = Palette(paper, ink, accent)
        canvas.image.paste(paper, (0, 0, *canvas.size))
    else:
        background(canvas, rng)
    has_word = rng.random() < 0.45
    is_wide = canvas.size[0] > canvas.size[1] * 1.2
    if not has_word:
        _mark(canvas.pen(canvas.centred(rng.uniform(0.4, 0.75)), 0.07), canvas, rng)
    elif is_wide:
        _mark(canvas.pen(canvas.centred(0.4, 0.22), 0.07), canvas, rng)
        write(canvas.draw, canvas.part(0.4, 0.3, 0.52, 0.4), _word(rng), canvas.palette.ink, rng)
    else:
        _mark(canvas.pen(canvas.centred(0.45, 0.5, 0.4), 0.07), canvas, rng)
        write(canvas.draw, canvas.part(0.15, 0.7, 0.7, 0.14), _word(rng), canvas.palette.ink, rng)
    frame(canvas, rng, may_be_round=not has_word)


def _word(rng: Generator) -> Caption:
    count = int(rng.integers(2, 4))
    text = "".join(_SYLLABLES[int(rng.integers(len(_SYLLABLES)))] for _ in range(count))
    return Caption(text.capitalize() if rng.random() < 0.6 else text)


def _mark(pen: Pen, canvas: Canvas, rng: Generator) -> None:
    second = pen.inked(canvas.palette.accent) if rng.random() < 0.6 else pen.toned(0.55)
    style = rng.integers(6)
    if style == 0:  # stacked chevrons
        for index, brush in enumerate((pen, second, pen)[: int(rng.integers(2, 4))]):
            y = 0.2 + 0.22 * index
            brush.line([(0.14, y + 0.26), (0.5, y), (0.86, y + 0.26)], rng.uniform(1, 1.8))
    elif style == 1:  # a letter in a disc or a tile
        if rng.random() < 0.5:
            pen.ellipse(0.5, 0.5, 0.48)
        else:
            pen.rectangle(0.04, 0.04, 0.96, 0.96, rng.uniform(0.05, 0.3))
        letter = Caption(chr(65 + int(rng.integers(26))))
        write(pen.draw, pen.within(0.24, 0.24, 0.52, 0.52).box, letter, pen.paper, rng)
    elif style == 2:  # rings side by side, one over the other
        width = rng.uniform(0.06, 0.12)
        pen.ring(0.32, 0.5, 0.3 - width, 0.3)
        second.ring(0.68, 0.5, 0.3 - width, 0.3)
    elif style == 3:  # a flower of overlapping discs
        petals = int(rng.integers(3, 8))
        for index in range(petals):
            angle = 2 * np.pi * index / petals
            x, y = 0.5 + 0.26 * float(np.cos(angle)), 0.5 + 0.26 * float(np.sin(angle))
            (pen if index % 2 else second).ellipse(x, y, rng.uniform(0.14, 0.2))
        pen.inverted().ellipse(0.5, 0.5, 0.12)
    elif style == 4:  # a hexagon or a shield in a ring
        corners = int(rng.integers(3, 8))
        pen.polygon(regular(0.5, 0.5, 0.48, corners))
        pen.inverted().polygon(regular(0.5, 0.5, 0.34, corners))
        second.polygon(regular(0.5, 0.5, 0.22, corners))
    else:  # a leaf or feather
        pen.polygon(
            smooth([(0.12, 0.94), (0.16, 0.5), (0.5, 0.16), (0.94, 0.06), (0.84, 0.5), (0.5, 0.8)])
        )
        pen.inverted().line([(0.1, 0.96), (0.4, 0.6), (0.72, 0.28)], 0.5)
