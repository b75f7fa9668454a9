"""Hair and hats, on a head about (0.5, y) with the radii rx and ry."""

from numpy.random import Generator

from nophoto.models.vision.drawing.curves import regular, smooth
from nophoto.models.vision.drawing.pen import Pen


def hair(pen: Pen, rng: Generator, y: float, rx: float, ry: float) -> None:
    """One of eight cuts."""
    style = rng.integers(8)
    if style == 0:  # to the shoulders
        end = y + ry * rng.uniform(1.2, 1.7)
        pen.rectangle(0.5 - rx * 1.25, y - ry * 0.3, 0.5 + rx * 1.25, end, rx * 0.4)
        pen.ellipse(0.5, y - ry * 0.25, rx * 1.25, ry * 0.95)
    elif style == 1:  # a bun
        pen.ellipse(0.5, y - ry * 1.15, rx * 0.45, ry * 0.35)
        pen.ellipse(0.5, y - ry * 0.2, rx * 1.1, ry * 0.9)
    elif style == 2:  # short, standing off
        pen.ellipse(0.5, y - ry * 0.3, rx * 1.12, ry * 0.8)
    elif style == 3:  # afro
        pen.ellipse(0.5, y - ry * 0.3, rx * rng.uniform(1.3, 1.7), ry * rng.uniform(1.05, 1.3))
    elif style == 4:  # spikes
        crown = regular(0.5, y - ry * 0.35, rx * 1.25, int(rng.integers(9, 16)), inner=rx)
        pen.polygon(crown)
    elif style == 5:  # a flick to one side
        side = rng.choice([-1, 1])
        pen.polygon(
            smooth(
                [
                    (0.5 - side * rx * 1.1, y),
                    (0.5 - side * rx * 0.9, y - ry * 0.9),
                    (0.5 + side * rx * 0.3, y - ry * 1.3),
                    (0.5 + side * rx * 1.3, y - ry * 0.9),
                    (0.5 + side * rx * 1.1, y),
                ]
            )
        )
    elif style == 6:  # a bob
        for side in (-1, 1):
            pen.polygon(
                smooth(
                    [
                        (0.5, y - ry * 1.2),
                        (0.5 + side * rx * 1.2, y - ry * 0.6),
                        (0.5 + side * rx * 1.45, y + ry * 0.9),
                        (0.5 + side * rx * 0.6, y + ry),
                    ]
                )
            )
    else:  # a ponytail
        side = rng.choice([-1, 1])
        pen.ellipse(0.5, y - ry * 0.2, rx * 1.1, ry * 0.9)
        pen.polygon(
            smooth(
                [
                    (0.5 + side * rx * 0.7, y - ry * 0.9),
                    (0.5 + side * rx * 1.7, y - ry * 0.4),
                    (0.5 + side * rx * 1.6, y + ry * 1.1),
                    (0.5 + side * rx * 1.2, y),
                ]
            )
        )


def hat(pen: Pen, rng: Generator, y: float, rx: float, ry: float) -> None:
    """A brimmed hat, a cap or a hood."""
    style = rng.integers(3)
    if style == 0:
        brim = rx * rng.uniform(1.5, 2.0)
        pen.ellipse(0.5, y - ry * 0.5, brim, ry * 0.17)
        pen.rectangle(0.5 - rx * 0.95, y - ry * 1.4, 0.5 + rx * 0.95, y - ry * 0.45, rx * 0.35)
        pen.inverted().rectangle(0.5 - rx * 0.95, y - ry * 0.8, 0.5 + rx * 0.95, y - ry * 0.66)
    elif style == 1:
        pen.chord(0.5, y - ry * 0.3, rx * 1.1, ry * 0.95, 180, 360)
        pen.rectangle(0.5, y - ry * 0.42, 0.5 + rx * 1.8, y - ry * 0.26, 0.02)
    else:
        pen.polygon(
            smooth(
                [
                    (0.5, y - ry * 1.45),
                    (0.5 + rx * 1.3, y - ry * 0.3),
                    (0.5 + rx * 1.4, y + ry),
                    (0.5, y + ry * 1.3),
                    (0.5 - rx * 1.4, y + ry),
                    (0.5 - rx * 1.3, y - ry * 0.3),
                ]
            )
        )
        pen.inverted().ellipse(0.5, y + ry * 0.05, rx * 0.85, ry * 0.85)
