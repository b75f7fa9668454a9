"""Busts with hair and a blank face: the male and female default portraits."""

from numpy.random import Generator

from nophoto.models.vision.drawing.curves import mirrored, smooth, superellipse
from nophoto.models.vision.drawing.pen import Pen


def portrait(pen: Pen, rng: Generator) -> None:
    """Hair and clothes in ink, face and neck cut out of them or in a lighter tone."""
    pen = pen.solid()
    skin = pen.inverted() if rng.random() < 0.6 else pen.toned(rng.uniform(0.2, 0.5))
    clothes = pen if rng.random() < 0.6 else pen.toned(rng.uniform(0.55, 0.85))
    y, r = rng.uniform(0.34, 0.4), rng.uniform(0.15, 0.19)
    is_long = rng.random() < 0.5
    if is_long:
        _long_hair(pen, rng, y, r)
    _shoulders(clothes, rng)
    neck = r * rng.uniform(0.4, 0.6)
    skin.polygon(
        smooth(mirrored([(0.5 + neck, y), (0.5 + neck, 0.62), (0.5 + neck * 2, 0.7), (0.5, 0.76)]))
    )
    if is_long:
        skin.polygon(superellipse(0.5, y + 0.03, r, r * 1.25, 2.2))
        _fringe(pen, rng, y, r)
    else:
        pen.polygon(superellipse(0.5, y - r * 0.35, r * rng.uniform(1.1, 1.3), r * 1.15, 2.6))
        skin.polygon(superellipse(0.5, y + 0.04, r, r * 1.2, 2.4))
        _fringe(pen, rng, y, r)
        if rng.random() < 0.3:
            _beard(pen, rng, y, r)
    _collar(pen, skin, rng)
    if rng.random() < 0.15:
        _glasses(pen, y, r)


def _shoulders(pen: Pen, rng: Generator) -> None:
    wide, top = rng.uniform(0.32, 0.46), rng.uniform(0.62, 0.68)
    pen.polygon(
        smooth(
            mirrored(
                [
                    (0.5, top),
                    (0.62, top + 0.03),
                    (0.5 + wide * 0.85, top + 0.1),
                    (0.5 + wide, 0.86),
                    (0.5 + wide, 1.1),
                ]
            )
        )
    )


def _long_hair(pen: Pen, rng: Generator, y: float, r: float) -> None:
    wide, end = r * rng.uniform(1.3, 1.9), y + rng.uniform(0.2, 0.38)
    pen.polygon(
        smooth(
            mirrored(
                [
                    (0.5, y - r * 1.5),
                    (0.5 + wide * 0.8, y - r),
                    (0.5 + wide, y + r * 0.6),
                    (0.5 + wide * rng.uniform(0.8, 1.2), end),
                    (0.5 + r * 0.5, end),
                ]
            )
        )
    )


def _fringe(pen: Pen, rng: Generator, y: float, r: float) -> None:
    side = int(rng.choice([-1, 1]))
    parting = 0.5 + side * r * rng.uniform(0.0, 0.6)
    line = y - r * rng.uniform(0.2, 0.6)
    pen.polygon(
        smooth(
            [
                (0.5 - r * 1.1, line + r * 0.5),
                (0.5 - r * 1.05, y - r),
                (0.5, y - r * 1.4),
                (0.5 + r * 1.05, y - r),
                (0.5 + r * 1.1, line + r * 0.5),
                (parting, line - r * 0.2),
            ]
        )
    )


def _beard(pen: Pen, rng: Generator, y: float, r: float) -> None:
    pen.chord(0.5, y + r * 0.5, r, r * rng.uniform(0.75, 1.1), 0, 180)
    pen.inverted().chord(0.5, y + r * 0.55, r * 0.35, r * 0.22, 0, 180)


def _collar(pen: Pen, skin: Pen, rng: Generator) -> None:
    style = rng.integers(4)
    if style == 0:
        skin.polygon([(0.4, 0.67), (0.6, 0.67), (0.5, rng.uniform(0.78, 0.95))])
    elif style == 1:
        for side in (-1, 1):
            pen.toned(0.15).polygon(
                [
                    (0.5, 0.76),
                    (0.5 + side * 0.05, 0.66),
                    (0.5 + side * 0.13, 0.7),
                    (0.5 + side * 0.09, 0.84),
                ]
            )
        pen.polygon([(0.475, 0.77), (0.525, 0.77), (0.55, 1.0), (0.45, 1.0)])
    elif style == 2:
        pen.inverted().line([(0.38, 0.68), (0.5, 0.98), (0.62, 0.68)], 0.4)


def _glasses(pen: Pen, y: float, r: float) -> None:
    frames = pen.outlined(0.5)
    for side in (-1, 1):
        frames.ellipse(0.5 + side * r * 0.45, y + r * 0.1, r * 0.32)
    frames.line([(0.5 - r * 0.15, y + r * 0.1), (0.5 + r * 0.15, y + r * 0.1)])
