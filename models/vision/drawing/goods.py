"""Icons of things that shops and restaurants sell."""

from numpy.random import Generator

from nophoto.models.vision.drawing.curves import mirrored, smooth
from nophoto.models.vision.drawing.pen import Pen


def shopping_bag(pen: Pen, rng: Generator) -> None:
    """A bag with a handle."""
    flare = rng.uniform(0.0, 0.08)
    pen.polygon([(0.14 + flare, 0.3), (0.86 - flare, 0.3), (0.9, 0.95), (0.1, 0.95)])
    pen.arc(0.5, 0.3, 0.18, 0.22, 180, 360, 1.2)
    if pen.is_filled:
        pen.inverted().arc(0.5, 0.4, 0.18, 0.18, 0, 180)


def cart(pen: Pen, rng: Generator) -> None:
    """A shopping cart."""
    pen.line([(0.03, 0.14), (0.17, 0.14), (0.32, 0.68), (0.84, 0.68)], 1.2)
    pen.polygon([(0.21, 0.24), (0.96, 0.24), (0.85, 0.56), (0.3, 0.56)])
    wheel = rng.uniform(0.06, 0.08)
    for x in (0.4, 0.76):
        pen.ellipse(x, 0.84, wheel)


def box(pen: Pen, rng: Generator) -> None:
    """A parcel: a cube, a flat front with tape, or an open carton."""
    style = rng.integers(3)
    if style == 0:
        shades = (0.5, 1.0, 0.75) if pen.is_filled else (0.0, 0.0, 0.0)
        faces = (
            [(0.5, 0.05), (0.93, 0.27), (0.5, 0.5), (0.07, 0.27)],
            [(0.07, 0.27), (0.5, 0.5), (0.5, 0.96), (0.07, 0.73)],
            [(0.93, 0.27), (0.5, 0.5), (0.5, 0.96), (0.93, 0.73)],
        )
        for shade, face in zip(shades, faces, strict=True):
            pen.toned(shade).polygon(face)
            pen.outlined(0.6).polygon(face)
    elif style == 1:
        pen.rectangle(0.08, 0.16, 0.92, 0.9, 0.03)
        marks = pen.inverted() if pen.is_filled else pen
        marks.rectangle(0.42, 0.16, 0.58, 0.42)
        marks.line([(0.64, 0.8), (0.82, 0.8)])
    else:
        pen.rectangle(0.16, 0.42, 0.84, 0.92, 0.02)
        for side in (-1, 1):
            flap = rng.uniform(0.08, 0.18)
            pen.polygon(
                [
                    (0.5 + side * 0.34, 0.42),
                    (0.5 + side * 0.02, 0.42),
                    (0.5 + side * 0.12, 0.42 - flap),
                    (0.5 + side * 0.46, 0.42 - flap),
                ]
            )


def shirt(pen: Pen, rng: Generator) -> None:
    """A T-shirt."""
    sleeve = rng.uniform(0.36, 0.5)
    half = [(0.6, 0.1), (0.74, 0.13), (0.97, 0.3), (0.86, sleeve), (0.75, 0.38), (0.75, 0.93)]
    pen.polygon([*mirrored(half), (0.4, 0.1), (0.5, 0.18)])


def shoe(pen: Pen, rng: Generator) -> None:
    """A sports shoe from the side."""
    pen.polygon(
        [
            (0.06, 0.34),
            (0.2, 0.4),
            (0.38, 0.32),
            (0.62, 0.54),
            (0.9, 0.6),
            (0.96, 0.74),
            (0.05, 0.74),
        ]
    )
    pen.solid().rectangle(0.05, 0.76, 0.97, 0.84, 0.03)
    marks = pen.inverted() if pen.is_filled else pen
    for step in range(int(rng.integers(2, 4))):
        x = 0.4 + 0.08 * step
        marks.line([(x, 0.46 + 0.05 * step), (x + 0.1, 0.4 + 0.07 * step)], 0.6)


def bottle(pen: Pen, rng: Generator) -> None:
    """A bottle with a label."""
    neck, wide = rng.uniform(0.06, 0.1), rng.uniform(0.17, 0.26)
    shoulder = rng.uniform(0.32, 0.42)
    half = [
        (0.5 + neck, 0.04),
        (0.5 + neck, shoulder - 0.1),
        (0.5 + wide, shoulder),
        (0.5 + wide, 0.96),
    ]
    pen.polygon(mirrored(half))
    marks = pen.inverted() if pen.is_filled else pen
    marks.rectangle(0.5 - wide * 0.8, 0.54, 0.5 + wide * 0.8, 0.78)


def tag(pen: Pen, rng: Generator) -> None:
    """A price tag."""
    pen.polygon([(0.06, 0.06), (0.5, 0.06), (0.95, 0.52), (0.52, 0.95), (0.06, 0.5)])
    hole = pen.inverted() if pen.is_filled else pen
    hole.ellipse(0.24, 0.24, rng.uniform(0.05, 0.08))


def plate(pen: Pen, rng: Generator) -> None:
    """A plate between a fork and a knife, or the cutlery alone, crossed."""
    solid = pen.solid()
    if rng.random() < 0.65:
        pen.ellipse(0.5, 0.5, 0.28)
        inner = pen.toned(0.7) if pen.is_filled else pen
        inner.ellipse(0.5, 0.5, rng.uniform(0.16, 0.2))
    _fork(solid.within(-0.02, 0.1, 0.24, 0.8))
    knife = solid.within(0.8, 0.1, 0.2, 0.8)
    knife.polygon(smooth([(0.4, 0.0), (0.8, 0.2), (0.75, 0.52), (0.4, 0.55)]))
    knife.rectangle(0.32, 0.0, 0.56, 1.0, 0.1)


def _fork(pen: Pen) -> None:
    for x in (0.2, 0.45, 0.7):
        pen.rectangle(x, 0.0, x + 0.12, 0.3, 0.05)
    pen.rectangle(0.2, 0.24, 0.82, 0.42, 0.12)
    pen.rectangle(0.42, 0.3, 0.6, 1.0, 0.08)


def cup(pen: Pen, rng: Generator) -> None:
    """A cup with a handle and steam."""
    pen.ring(0.74, 0.58, 0.09, 0.15)
    pen.rectangle(0.16, 0.38, 0.74, 0.82, rng.uniform(0.04, 0.18))
    pen.line([(0.08, 0.9), (0.84, 0.9)], 1.2)
    for x in (0.34, 0.54):
        pen.line([(x, 0.3), (x + 0.04, 0.22), (x - 0.02, 0.14), (x + 0.03, 0.06)], 0.8)
