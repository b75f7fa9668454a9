"""Icons of music, film and video."""

import numpy as np
from numpy.random import Generator

from nophoto.models.vision.drawing.pen import Pen


def compact_disc(pen: Pen, rng: Generator) -> None:
    """A disc with a hole and shining wedges."""
    pen.toned(rng.uniform(0.6, 1.0)).ellipse(0.5, 0.5, 0.49)
    turn = rng.uniform(0, 90)
    for share in rng.uniform(0.3, 0.85, size=2):
        for start in (turn, turn + 180):
            pen.toned(float(share)).slice(0.5, 0.5, 0.485, start, start + rng.uniform(12, 35))
        turn += rng.uniform(35, 80)
    hub = rng.uniform(0.13, 0.19)
    pen.toned(0.35).ellipse(0.5, 0.5, hub)
    pen.toned(0.75).ellipse(0.5, 0.5, hub * 0.8)
    pen.inverted().ellipse(0.5, 0.5, hub * 0.4)


def vinyl(pen: Pen, rng: Generator) -> None:
    """A record with grooves and a label."""
    pen.solid().ellipse(0.5, 0.5, 0.49)
    for r in np.linspace(0.24, 0.46, int(rng.integers(3, 7))):
        pen.toned(0.75).ring(0.5, 0.5, float(r) - 0.008, float(r))
    pen.toned(rng.uniform(0.2, 0.5)).ellipse(0.5, 0.5, rng.uniform(0.14, 0.2))
    pen.solid().ellipse(0.5, 0.5, 0.025)


def music_note(pen: Pen, rng: Generator) -> None:
    """One note, or two joined by a beam."""
    solid = pen.solid()
    stem = rng.uniform(0.05, 0.09)
    if rng.random() < 0.6:
        solid.polygon([(0.3, 0.14), (0.88, 0.04), (0.88, 0.22), (0.3, 0.32)])
        for x, y in ((0.3, 0.8), (0.88 - stem, 0.7)):
            solid.rectangle(x, 0.16, x + stem, y)
            solid.ellipse(x - 0.08, y, 0.15, 0.11)
    else:
        solid.rectangle(0.5, 0.06, 0.5 + stem, 0.78)
        solid.ellipse(0.4, 0.78, 0.16, 0.13)
        solid.polygon([(0.5, 0.06), (0.82, 0.3), (0.78, 0.48), (0.5, 0.26)])


def microphone(pen: Pen, rng: Generator) -> None:
    """A microphone on its stand, at times between sound waves."""
    pen.rectangle(0.37, 0.06, 0.63, 0.56, 0.13)
    if pen.is_filled and rng.random() < 0.6:
        for y in np.linspace(0.18, 0.4, 3):
            pen.inverted().line([(0.37, float(y)), (0.48, float(y))], 0.5)
    pen.arc(0.5, 0.44, 0.24, 0.26, 0, 180)
    pen.line([(0.5, 0.7), (0.5, 0.88)])
    pen.line([(0.33, 0.9), (0.67, 0.9)], 1.2)
    if rng.random() < 0.5:
        for index, reach in enumerate(rng.uniform(0.05, 0.2, size=3)):
            for side in (-1, 1):
                x = 0.5 + side * (0.31 + 0.07 * index)
                pen.line([(x, 0.42 - float(reach)), (x, 0.42 + float(reach))], 0.7)


def headphones(pen: Pen, rng: Generator) -> None:
    """Headphones from the front."""
    pen.arc(0.5, 0.54, 0.4, 0.42, 180, 360, rng.uniform(1.2, 2))
    for x in (0.08, 0.72):
        pen.rectangle(x, 0.52, x + 0.2, 0.9, 0.06)


def film_strip(pen: Pen, rng: Generator) -> None:
    """A strip with perforations and one to three frames."""
    pen.solid().rectangle(0.12, 0.04, 0.88, 0.96, 0.04)
    cut = pen.inverted()
    holes = int(rng.integers(5, 8))
    for index in range(holes):
        y = 0.08 + 0.86 * index / holes
        for x in (0.16, 0.76):
            cut.rectangle(x, y, x + 0.08, y + 0.4 / holes, 0.01)
    frames = int(rng.integers(1, 4))
    for index in range(frames):
        y = 0.08 + 0.86 * index / frames
        cut.rectangle(0.3, y, 0.7, y + 0.86 / frames - 0.04, 0.02)


def film_reel(pen: Pen, rng: Generator) -> None:
    """A reel with round windows and at times a tail of film."""
    pen.ellipse(0.48, 0.46, 0.44)
    windows = int(rng.choice([4, 5, 6]))
    cut = pen.inverted() if pen.is_filled else pen
    for index in range(windows):
        angle = 2 * np.pi * index / windows
        x, y = 0.48 + 0.26 * float(np.cos(angle)), 0.46 + 0.26 * float(np.sin(angle))
        cut.ellipse(x, y, 0.5 / windows)
    cut.ellipse(0.48, 0.46, 0.05)
    if rng.random() < 0.6:
        pen.line([(0.5, 0.9), (0.96, 0.9)], 1.4)


def clapperboard(pen: Pen, rng: Generator) -> None:
    """A clapperboard, open or shut."""
    pen.rectangle(0.06, 0.4, 0.94, 0.92, 0.04)
    lift = rng.uniform(0.0, 0.16)
    solid, cut = pen.solid(), pen.inverted()
    solid.polygon([(0.06, 0.36), (0.94, 0.36 - lift), (0.94, 0.2 - lift), (0.06, 0.2)])
    for index in range(4):
        x = 0.12 + 0.22 * index
        rise = lift * (x - 0.06) / 0.88
        cut.polygon(
            [
                (x, 0.2 - rise),
                (x + 0.1, 0.2 - rise),
                (x + 0.16, 0.36 - rise),
                (x + 0.06, 0.36 - rise),
            ]
        )


def play_button(pen: Pen, rng: Generator) -> None:
    """A triangle, alone or in a disc, a ring or a tile."""
    style = rng.integers(3)
    mark = pen.solid()
    if style == 1:
        pen.ellipse(0.5, 0.5, 0.48)
    elif style == 2:
        pen.rectangle(0.02, 0.18, 0.98, 0.82, rng.uniform(0.03, 0.2))
    if style and pen.is_filled:
        mark = pen.inverted()
    size = 0.2 if style else 0.42
    if not style and not pen.is_filled:
        mark = pen
    mark.polygon(
        [(0.5 - size * 0.75, 0.5 - size), (0.5 + size, 0.5), (0.5 - size * 0.75, 0.5 + size)]
    )


def video_camera(pen: Pen, rng: Generator) -> None:
    """A camcorder, or an old film camera with two reels."""
    top = 0.44 if rng.random() < 0.4 else 0.28
    if top > 0.4:
        for x, r in ((0.22, 0.14), (0.52, 0.17)):
            pen.ellipse(x, 0.28, r)
    pen.rectangle(0.04, top, 0.66, 0.8, rng.uniform(0.03, 0.12))
    pen.polygon([(0.7, 0.55), (0.96, 0.38), (0.96, 0.76), (0.7, 0.62)])


def screen(pen: Pen, rng: Generator) -> None:
    """A television, a monitor, a laptop or a phone."""
    style = rng.integers(4)
    if style == 3:
        pen.rectangle(0.26, 0.03, 0.74, 0.97, 0.07)
        inner = pen.inverted() if pen.is_filled else pen
        inner.rectangle(0.31, 0.12, 0.69, 0.82)
        inner.ellipse(0.5, 0.895, 0.03)
        return
    bottom = 0.7 if style else 0.86
    top = 0.12 if style else 0.28
    pen.rectangle(0.04, top, 0.96, bottom, rng.uniform(0.02, 0.08))
    if pen.is_filled and rng.random() < 0.8:
        pen.inverted().rectangle(0.1, top + 0.06, 0.9, bottom - 0.06, 0.02)
    if style == 0:
        pen.line([(0.3, 0.06), (0.5, 0.28), (0.7, 0.06)])
    elif style == 1:
        pen.solid().rectangle(0.44, bottom, 0.56, 0.86)
        pen.solid().rectangle(0.28, 0.84, 0.72, 0.9, 0.02)
    else:
        pen.solid().polygon([(0.04, 0.74), (0.96, 0.74), (1.0, 0.84), (0.0, 0.84)])
