"""Logos of companies: marks in colour, wordmarks, letters and numbers made into signs."""

from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from PIL import Image

from nophoto.models.vision.distractors.lettering import brand, headline
from nophoto.models.vision.drawing.canvas import Canvas
from nophoto.models.vision.drawing.curves import regular, smooth
from nophoto.models.vision.drawing.palette import Palette, grey, hue
from nophoto.models.vision.drawing.pen import Colour, Pen
from nophoto.models.vision.drawing.typography import Caption, write

_WHITE: Colour = (255, 255, 255)


def logo(rng: Generator) -> Image.Image:
    """A mark, at times with a name beside or below it."""
    canvas = _canvas(rng)
    layout = rng.random()
    if layout < 0.45:
        _mark(canvas.pen(canvas.centred(rng.uniform(0.5, 0.95)), 0.07), canvas, rng)
    elif canvas.size[0] > canvas.size[1] * 1.2:
        _mark(canvas.pen(canvas.centred(0.55, 0.2), 0.07), canvas, rng)
        write(canvas.draw, canvas.part(0.4, 0.3, 0.55, 0.4), brand(rng), canvas.palette.ink, rng)
    else:
        _mark(canvas.pen(canvas.centred(0.5, 0.5, 0.38), 0.07), canvas, rng)
        write(canvas.draw, canvas.part(0.12, 0.7, 0.76, 0.16), brand(rng), canvas.palette.ink, rng)
        if rng.random() < 0.3:
            box = canvas.part(0.25, 0.88, 0.5, 0.06)
            write(canvas.draw, box, headline(rng), canvas.palette.accent, rng)
    return canvas.finished()


def wordmark(rng: Generator) -> Image.Image:
    """A name alone, tight or with room: in two colours, underlined, in a box, with a dot."""
    canvas = _canvas(rng, aspect=float(rng.choice([1.33, 2.0, 2.6, 3.4])))
    word = brand(rng)
    box = canvas.part(0.06, 0.2, 0.88, 0.6)
    style = rng.integers(4)
    if style == 0:
        half = len(word.text) // 2
        for text, part, ink in (
            (word.text[:half], (0.05, 0.25, 0.44, 0.5), canvas.palette.ink),
            (word.text[half:], (0.51, 0.25, 0.44, 0.5), canvas.palette.accent),
        ):
            state = rng.bit_generator.state
            write(canvas.draw, canvas.part(*part), Caption(text), ink, rng)
            rng.bit_generator.state = state  # both halves in one font
    elif style == 1:
        canvas.pen(canvas.part(0, 0, 1, 1)).rectangle(0.04, 0.12, 0.96, 0.88, rng.uniform(0, 0.2))
        write(canvas.draw, canvas.part(0.12, 0.28, 0.76, 0.44), word, canvas.palette.paper, rng)
    else:
        write(canvas.draw, box, word, canvas.palette.ink, rng)
        pen = canvas.pen(canvas.part(0, 0, 1, 1)).inked(canvas.palette.accent)
        if style == 2:
            pen.rectangle(0.1, 0.86, rng.uniform(0.3, 0.9), 0.92)
        else:
            left, top, _, side = canvas.part(0.9, 0.05, 0, 0.14)
            canvas.draw.ellipse((left, top, left + side, top + side), canvas.palette.accent)
    return canvas.finished()


def letter_sign(rng: Generator) -> Image.Image:
    """A letter or a number made into a sign: cut by a bar, doubled, with a swoosh, in a shield."""
    canvas = _canvas(rng, aspect=1.0)
    text = Caption(str(rng.choice([*"ABDEGKMQRSWXYZ", "3", "7", "24", "M&", "Q+", "X1", "&"])))
    side = canvas.size[0]
    pen = canvas.pen((0, 0, side, side))
    accent = pen.inked(canvas.palette.accent)
    style = rng.integers(4)
    if style == 0:  # the letter twice, one behind the other
        state = rng.bit_generator.state
        write(canvas.draw, canvas.part(0.2, 0.2, 0.7, 0.7), text, canvas.palette.accent, rng)
        rng.bit_generator.state = state
        write(canvas.draw, canvas.part(0.12, 0.12, 0.7, 0.7), text, canvas.palette.ink, rng)
    elif style == 1:  # a bar or two through it
        write(canvas.draw, canvas.part(0.1, 0.1, 0.8, 0.8), text, canvas.palette.ink, rng)
        for y in (0.4, 0.56)[: int(rng.integers(1, 3))]:
            pen.inverted().rectangle(0, y, 1, y + 0.06)
        accent.ellipse(0.84, 0.82, 0.09)
    elif style == 2:  # a shield
        accent.polygon(smooth([(0.1, 0.08), (0.9, 0.08), (0.88, 0.6), (0.5, 0.98), (0.12, 0.6)]))
        write(canvas.draw, canvas.part(0.25, 0.2, 0.5, 0.5), text, canvas.palette.paper, rng)
    else:  # an arc about it
        write(canvas.draw, canvas.part(0.25, 0.25, 0.5, 0.5), text, canvas.palette.ink, rng)
        start = rng.uniform(0, 360)
        accent.arc(0.5, 0.5, 0.45, 0.45, start, start + rng.uniform(150, 300), 1.8)
    return canvas.finished()


def _canvas(rng: Generator, aspect: float | None = None) -> Canvas:
    """A canvas in a brand's two colours, mostly on white."""
    ratio = aspect or float(rng.choice([1.0, 1.0, 1.33, 2.0]))
    ink = hue(rng, saturation=(0.55, 1.0), value=(0.4, 0.95))
    accent = hue(rng, saturation=(0.5, 1.0), value=(0.5, 1.0))
    paper = _WHITE
    choice = rng.random()
    if choice < 0.2:
        paper, ink = ink, _WHITE
    elif choice < 0.35:
        paper, ink = grey(rng, 5, 40), hue(rng, saturation=(0.2, 0.9), value=(0.8, 1.0))
    elif choice < 0.5:
        ink = (20, 20, 25)
    return Canvas.of_size(400, round(400 / ratio), Palette(paper, ink, accent))


def _mark(pen: Pen, canvas: Canvas, rng: Generator) -> None:
    second = pen.inked(canvas.palette.accent) if rng.random() < 0.7 else pen.toned(0.55)
    _MARKS[int(rng.integers(len(_MARKS)))](pen, second, rng)


def _chevrons(pen: Pen, second: Pen, rng: Generator) -> None:
    for index, brush in enumerate((pen, second, pen)[: int(rng.integers(2, 4))]):
        y = 0.2 + 0.22 * index
        brush.line([(0.14, y + 0.26), (0.5, y), (0.86, y + 0.26)], rng.uniform(1, 1.8))


def _rings(pen: Pen, second: Pen, rng: Generator) -> None:
    width = rng.uniform(0.06, 0.12)
    pen.ring(0.32, 0.5, 0.3 - width, 0.3)
    second.ring(0.68, 0.5, 0.3 - width, 0.3)


def _flower(pen: Pen, second: Pen, rng: Generator) -> None:
    petals = int(rng.integers(3, 8))
    for index in range(petals):
        angle = 2 * np.pi * index / petals
        x, y = 0.5 + 0.26 * float(np.cos(angle)), 0.5 + 0.26 * float(np.sin(angle))
        (pen if index % 2 else second).ellipse(x, y, rng.uniform(0.14, 0.2))
    pen.inverted().ellipse(0.5, 0.5, 0.12)


def _polygons(pen: Pen, second: Pen, rng: Generator) -> None:
    corners = int(rng.integers(3, 8))
    pen.polygon(regular(0.5, 0.5, 0.48, corners))
    pen.inverted().polygon(regular(0.5, 0.5, 0.34, corners))
    second.polygon(regular(0.5, 0.5, 0.22, corners))


def _leaf(pen: Pen, second: Pen, rng: Generator) -> None:
    pen.polygon(
        smooth([(0.12, 0.94), (0.16, 0.5), (0.5, 0.16), (0.94, 0.06), (0.84, 0.5), (0.5, 0.8)])
    )
    second.line([(0.1, 0.96), (0.4, 0.6), (0.72, 0.28)], rng.uniform(0.4, 0.9))


def _bars(pen: Pen, second: Pen, rng: Generator) -> None:
    count = int(rng.integers(3, 6))
    for index in range(count):
        x, top = 0.08 + 0.86 * index / count, rng.uniform(0.05, 0.6)
        (second if index % 2 else pen).rectangle(x, top, x + 0.6 / count, 0.95, 0.04)


def _swirl(pen: Pen, second: Pen, rng: Generator) -> None:
    start = rng.uniform(0, 360)
    for index, brush in enumerate((pen, second, pen)):
        r = 0.44 - 0.13 * index
        turn = start + 110 * index
        brush.arc(0.5, 0.5, r, r, turn, turn + 230, rng.uniform(0.9, 1.6))


_MARKS: tuple[Callable[[Pen, Pen, Generator], None], ...] = (
    _chevrons,
    _rings,
    _flower,
    _polygons,
    _leaf,
    _bars,
    _swirl,
)
