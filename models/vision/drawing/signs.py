"""Question marks, crosses, warnings and things that wait."""

import numpy as np
from numpy.random import Generator

from nophoto.models.vision.drawing.pen import Pen
from nophoto.models.vision.drawing.typography import Caption, write


def question_mark(pen: Pen, rng: Generator) -> None:
    """A question mark alone, or in a disc, a ring or a speech bubble."""
    style = rng.integers(4)
    mark = pen.solid()
    if style == 1:
        pen.ellipse(0.5, 0.5, 0.48)
    elif style == 2:
        pen.rectangle(0.04, 0.08, 0.96, 0.76, rng.uniform(0.05, 0.3))
        pen.solid().polygon([(0.24, 0.74), (0.44, 0.74), (0.22, 0.98)])
    if style in (1, 2) and pen.is_filled:
        mark = pen.inverted()
    box = {1: (0.5, 0.5, 0.56), 2: (0.5, 0.42, 0.44)}.get(int(style), (0.5, 0.5, 0.95))
    x, y, size = box
    _letter(mark, rng, "?", x, y, size)


def warning(pen: Pen, rng: Generator) -> None:
    """A mark of exclamation or an i, in a triangle or a disc."""
    mark = pen.inverted() if pen.is_filled else pen
    if rng.random() < 0.6:
        pen.polygon([(0.5, 0.08), (0.97, 0.9), (0.03, 0.9)])
        _letter(mark, rng, "!", 0.5, 0.62, 0.44)
    else:
        pen.ellipse(0.5, 0.5, 0.47)
        _letter(mark, rng, str(rng.choice(["!", "i"])), 0.5, 0.5, 0.58)


def cross(pen: Pen, rng: Generator) -> None:
    """An X, alone or in a disc or a tile."""
    style = rng.integers(3)
    mark = pen.solid()
    reach = 0.42
    if style == 1:
        pen.ellipse(0.5, 0.5, 0.48)
    elif style == 2:
        pen.rectangle(0.04, 0.04, 0.96, 0.96, rng.uniform(0.02, 0.2))
    if style:
        mark, reach = (pen.inverted() if pen.is_filled else pen), 0.2
    weight = rng.uniform(0.07, 0.16) / pen.stroke
    mark.line([(0.5 - reach, 0.5 - reach), (0.5 + reach, 0.5 + reach)], weight)
    mark.line([(0.5 - reach, 0.5 + reach), (0.5 + reach, 0.5 - reach)], weight)


def prohibition(pen: Pen, rng: Generator) -> None:
    """An empty ring with a bar."""
    width = rng.uniform(0.07, 0.13)
    pen.ring(0.5, 0.5, 0.48 - width, 0.48)
    pen.line([(0.2, 0.2), (0.8, 0.8)], width / pen.stroke)


def plus(pen: Pen, rng: Generator) -> None:
    """A plus, alone or in a disc: add a picture here."""
    mark, reach = pen.solid(), 0.4
    if rng.random() < 0.6:
        pen.ellipse(0.5, 0.5, 0.48)
        mark, reach = (pen.inverted() if pen.is_filled else pen), 0.24
    weight = rng.uniform(0.05, 0.12) / pen.stroke
    mark.line([(0.5 - reach, 0.5), (0.5 + reach, 0.5)], weight)
    mark.line([(0.5, 0.5 - reach), (0.5, 0.5 + reach)], weight)


def upload(pen: Pen, rng: Generator) -> None:
    """An arrow out of a tray or into a cloud."""
    if rng.random() < 0.5:
        cloud(pen, rng)
        mark = pen.inverted() if pen.is_filled else pen
        arrow = [(0.5, 0.74), (0.5, 0.44)]
    else:
        mark = pen.solid()
        mark.line([(0.1, 0.66), (0.1, 0.92), (0.9, 0.92), (0.9, 0.66)], 1.4)
        arrow = [(0.5, 0.72), (0.5, 0.12)]
    (x, _), (_, y) = arrow
    mark.line(arrow, 1.4)
    mark.line([(x - 0.14, y + 0.15), (x, y), (x + 0.14, y + 0.15)], 1.4)


def cloud(pen: Pen, rng: Generator) -> None:
    """A cloud of three circles on a flat base."""
    lobes = [(0.24, 0.64, 0.18), (0.46, 0.46, rng.uniform(0.2, 0.26)), (0.72, 0.58, 0.2)]
    body = pen.solid()
    for x, y, r in lobes:
        body.ellipse(x, y, r)
    body.rectangle(0.2, 0.6, 0.76, 0.82, 0.1)
    if not pen.is_filled:
        cut = pen.inverted()
        for x, y, r in lobes:
            cut.ellipse(x, y, r - pen.stroke)
        cut.rectangle(0.2, 0.6, 0.76, 0.82 - pen.stroke, 0.1)


def hourglass(pen: Pen, rng: Generator) -> None:
    """An hourglass with some sand in both bulbs."""
    solid = pen.solid()
    waist = rng.uniform(0.02, 0.06)
    glass = [(0.2, 0.1), (0.8, 0.1), (0.5 + waist, 0.5), (0.8, 0.9), (0.2, 0.9), (0.5 - waist, 0.5)]
    if pen.is_filled:
        pen.toned(rng.uniform(0.25, 0.6)).polygon(glass)
    else:
        pen.polygon(glass)
    solid.rectangle(0.12, 0.04, 0.88, 0.11, 0.02)
    solid.rectangle(0.12, 0.89, 0.88, 0.96, 0.02)
    solid.polygon([(0.36, 0.32), (0.64, 0.32), (0.5, 0.5)])
    solid.polygon([(0.5, 0.66), (0.72, 0.89), (0.28, 0.89)])


def spinner(pen: Pen, rng: Generator) -> None:
    """A wheel that turns while loading: fading spokes, fading dots or an open ring."""
    style, count = rng.integers(3), int(rng.choice([8, 12]))
    if style == 2:
        pen.toned(0.25).ring(0.5, 0.5, 0.36, 0.44)
        start = rng.uniform(0, 360)
        pen.arc(0.5, 0.5, 0.44, 0.44, start, start + rng.uniform(70, 270), 0.08 / pen.stroke)
        return
    for index in range(count):
        angle = 2 * np.pi * index / count
        x, y = float(np.cos(angle)), float(np.sin(angle))
        spoke = pen.toned(0.15 + 0.85 * index / count)
        if style == 0:
            ends = [(0.5 + 0.22 * x, 0.5 + 0.22 * y), (0.5 + 0.42 * x, 0.5 + 0.42 * y)]
            spoke.line(ends, 0.08 / pen.stroke)
        else:
            spoke.ellipse(0.5 + 0.38 * x, 0.5 + 0.38 * y, 0.03 + 0.04 * index / count)


def clock(pen: Pen, rng: Generator) -> None:
    """A clock with two hands."""
    pen.ellipse(0.5, 0.5, 0.46)
    hands = pen.inverted() if pen.is_filled else pen
    for reach in (0.22, 0.34):
        angle = rng.uniform(0, 2 * np.pi)
        tip = (0.5 + reach * float(np.cos(angle)), 0.5 + reach * float(np.sin(angle)))
        hands.line([(0.5, 0.5), tip], 1.2)


def magnifier(pen: Pen, rng: Generator) -> None:
    """A magnifying glass, empty or with a cross or a sad mouth in it."""
    lens = pen.outlined(1.4)
    lens.ellipse(0.42, 0.42, 0.32)
    lens.line([(0.66, 0.66), (0.92, 0.92)], 1.6)
    style = rng.integers(3)
    if style == 1:
        lens.line([(0.33, 0.33), (0.51, 0.51)])
        lens.line([(0.33, 0.51), (0.51, 0.33)])
    elif style == 2:
        _letter(pen.solid(), rng, "?", 0.42, 0.42, 0.36)


def _letter(pen: Pen, rng: Generator, text: str, x: float, y: float, size: float) -> None:
    part = pen.within(x - size / 2, y - size / 2, size, size)
    write(pen.draw, part.box, Caption(text), pen.ink, rng)
