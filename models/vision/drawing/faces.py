"""Smileys, and the animals, robots and monsters that forums and chats hand out."""

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from nophoto.models.vision.drawing.curves import regular, smooth, superellipse
from nophoto.models.vision.drawing.pen import Pen


def smiley(pen: Pen, rng: Generator) -> None:
    """Eyes and a mouth, in a disc, a square or nothing."""
    shape = rng.random()
    if shape < 0.6:
        pen.ellipse(0.5, 0.5, 0.48)
    elif shape < 0.85:
        pen.polygon(superellipse(0.5, 0.5, 0.48, 0.48, rng.uniform(3, 8)))
    has_head = shape < 0.85
    features = pen.inverted() if pen.is_filled and has_head else pen.solid()
    y = rng.uniform(0.36, 0.44)
    eyes(features, rng, y, rng.uniform(0.13, 0.22), rng.uniform(0.04, 0.09))
    mouth(features, rng, y + rng.uniform(0.18, 0.28))


def eyes(pen: Pen, rng: Generator, y: float, apart: float, size: float) -> None:
    """A pair of eyes in the ink: dots, crosses, arcs, rings, or dots that look aside."""
    style = rng.choice(["dots", "crosses", "arcs", "rings", "looking"], p=_EYES)
    cut = pen.inverted()
    for x in (0.5 - apart, 0.5 + apart):
        if style == "dots":
            pen.ellipse(x, y, size, size * 1.3)
        elif style == "crosses":
            pen.line([(x - size, y - size), (x + size, y + size)])
            pen.line([(x - size, y + size), (x + size, y - size)])
        elif style == "arcs":
            pen.arc(x, y + size / 2, size * 1.3, size * 1.3, 180, 360)
        elif style == "rings":
            pen.ellipse(x, y, size * 1.6)
            cut.ellipse(x, y, size * 1.1)
            pen.ellipse(x, y, size * 0.5)
        else:
            pen.ellipse(x, y, size * 1.5)
            cut.ellipse(x + size * 0.4, y, size * 0.7)


_EYES = (0.45, 0.1, 0.1, 0.2, 0.15)


def mouth(pen: Pen, rng: Generator, y: float) -> None:
    """A smile, a frown, a line, a laugh or an o."""
    width = rng.uniform(0.12, 0.26)
    style = rng.integers(5)
    if style == 0:
        pen.arc(0.5, y, width, width * 0.7, 15, 165)
    elif style == 1:
        pen.arc(0.5, y + width * 0.7, width, width * 0.7, 200, 340)
    elif style == 2:
        pen.line([(0.5 - width, y + 0.05), (0.5 + width, y + 0.05)])
    elif style == 3:
        pen.chord(0.5, y, width, width * 0.9, 0, 180)
    else:
        pen.ellipse(0.5, y + 0.06, width * 0.35)


def creature(pen: Pen, rng: Generator) -> None:
    """A cat, bear, rabbit, owl, robot, ghost, monster or alien."""
    body = pen.solid()
    _CREATURES[int(rng.integers(len(_CREATURES)))](body, rng)


def _cat(pen: Pen, rng: Generator) -> None:
    for side in (-1, 1):
        tip = 0.5 + side * rng.uniform(0.3, 0.42)
        pen.polygon([(0.5 + side * 0.06, 0.32), (tip, 0.06), (0.5 + side * 0.42, 0.52)])
    pen.ellipse(0.5, 0.57, 0.42, 0.36)
    cut = pen.inverted()
    eyes(cut, rng, 0.5, 0.17, 0.06)
    cut.polygon([(0.45, 0.64), (0.55, 0.64), (0.5, 0.7)])
    for side in (-1, 1):
        for drop in (0.0, 0.06):
            cut.line([(0.5 + side * 0.14, 0.68 + drop), (0.5 + side * 0.34, 0.65 + 2 * drop)], 0.4)


def _bear(pen: Pen, rng: Generator) -> None:
    ear = rng.uniform(0.11, 0.17)
    for side in (-1, 1):
        pen.ellipse(0.5 + side * 0.29, 0.25, ear)
        pen.toned(0.5).ellipse(0.5 + side * 0.29, 0.25, ear * 0.5)
    pen.ellipse(0.5, 0.55, 0.42, 0.38)
    pen.toned(0.25).ellipse(0.5, 0.68, 0.19, 0.15)
    pen.ellipse(0.5, 0.63, 0.06, 0.045)
    eyes(pen.inverted(), rng, 0.46, 0.16, 0.05)


def _rabbit(pen: Pen, rng: Generator) -> None:
    for side in (-1, 1):
        pen.ellipse(0.5 + side * rng.uniform(0.12, 0.2), 0.24, 0.09, 0.24)
    pen.ellipse(0.5, 0.66, 0.34, 0.31)
    eyes(pen.inverted(), rng, 0.6, 0.14, 0.05)
    mouth(pen.inverted(), rng, 0.72)


def _owl(pen: Pen, rng: Generator) -> None:
    pen.polygon([(0.16, 0.1), (0.5, 0.24), (0.84, 0.1), (0.86, 0.5), (0.14, 0.5)])
    pen.ellipse(0.5, 0.58, 0.37, 0.4)
    cut = pen.inverted()
    for side in (-1, 1):
        cut.ellipse(0.5 + side * 0.17, 0.42, 0.16)
        pen.ellipse(0.5 + side * 0.17, 0.42, rng.uniform(0.06, 0.1))
    cut.polygon([(0.45, 0.56), (0.55, 0.56), (0.5, 0.66)])


def _robot(pen: Pen, rng: Generator) -> None:
    pen.line([(0.5, 0.08), (0.5, 0.3)])
    pen.ellipse(0.5, 0.09, 0.05)
    pen.rectangle(0.14, 0.26, 0.86, 0.86, rng.uniform(0.02, 0.2))
    pen.rectangle(0.05, 0.45, 0.95, 0.65, 0.03)
    cut = pen.inverted()
    eyes(cut, rng, 0.48, 0.17, 0.07)
    cut.rectangle(0.3, 0.66, 0.7, 0.76, 0.02)
    for x in np.linspace(0.38, 0.62, 4):
        pen.line([(float(x), 0.66), (float(x), 0.76)], 0.3)


def _ghost(pen: Pen, rng: Generator) -> None:
    pen.ellipse(0.5, 0.42, 0.36)
    pen.rectangle(0.14, 0.42, 0.86, 0.86)
    hem = int(rng.integers(3, 6))
    width = 0.72 / hem
    for index in range(hem):
        pen.ellipse(0.14 + width * (index + 0.5), 0.86, width / 2, 0.08)
    eyes(pen.inverted(), rng, 0.42, 0.14, 0.07)


def _monster(pen: Pen, rng: Generator) -> None:
    angles = np.linspace(0, 2 * np.pi, int(rng.integers(7, 14)), endpoint=False)
    radii = rng.uniform(0.3, 0.46, len(angles))
    blob = [
        (0.5 + r * float(np.cos(a)), 0.54 + r * float(np.sin(a)))
        for r, a in zip(radii, angles, strict=True)
    ]
    if rng.random() < 0.6:
        pen.polygon(smooth(blob))
    else:
        pen.polygon(regular(0.5, 0.54, 0.46, int(rng.integers(8, 20)), inner=0.38))
    cut = pen.inverted()
    if rng.random() < 0.4:
        cut.ellipse(0.5, 0.46, 0.16)
        pen.ellipse(0.5 + rng.uniform(-0.05, 0.05), 0.46, 0.07)
    else:
        eyes(cut, rng, 0.46, 0.13, 0.06)
    mouth(cut, rng, 0.64)


def _alien(pen: Pen, rng: Generator) -> None:
    pen.polygon(
        smooth([(0.5, 0.06), (0.84, 0.2), (0.86, 0.5), (0.5, 0.96), (0.14, 0.5), (0.16, 0.2)])
    )
    cut = pen.inverted()
    tall = rng.uniform(0.1, 0.16)
    for side in (-1, 1):
        x = 0.5 + side * 0.18
        cut.polygon(
            smooth(
                [
                    (x - side * 0.1, 0.55),
                    (x - side * 0.06, 0.45 - tall / 3),
                    (x + side * 0.12, 0.45 - tall),
                    (x + side * 0.08, 0.5),
                ]
            )
        )
    cut.line([(0.44, 0.76), (0.56, 0.76)], 0.6)


_CREATURES: tuple[Callable[[Pen, Generator], None], ...] = (
    _cat,
    _bear,
    _rabbit,
    _owl,
    _robot,
    _ghost,
    _monster,
    _alien,
)
