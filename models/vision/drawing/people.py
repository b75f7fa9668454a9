"""Silhouettes of people, alone and in groups."""

from numpy.random import Generator

from nophoto.models.vision.drawing.curves import mirrored, smooth, superellipse
from nophoto.models.vision.drawing.hair import hair, hat
from nophoto.models.vision.drawing.pen import Pen, Point
from nophoto.models.vision.drawing.typography import Caption, write


def person(pen: Pen, rng: Generator) -> None:
    """A head over shoulders that end on the lower edge: the most common placeholder of all."""
    head, long = rng.uniform(0.15, 0.21), rng.uniform(1.05, 1.35)
    y = rng.uniform(0.3, 0.37)
    _body(pen, rng, y + head * long, head)
    pen.polygon(superellipse(0.5, y, head, head * long, rng.uniform(1.9, 2.5)))
    if rng.random() < 0.35:
        for side in (-1, 1):
            pen.ellipse(0.5 + side * head, y + 0.02, head * 0.16, head * 0.3)
    style = rng.random()
    if style < 0.45:
        hair(pen, rng, y, head, head * long)
    elif style < 0.52:
        hat(pen, rng, y, head, head * long)
    if rng.random() < 0.25:
        _clothes(pen, rng, y + head * long)


def _body(pen: Pen, rng: Generator, chin: float, head: float) -> None:
    """Neck, shoulders and arms as one outline."""
    neck = head * rng.uniform(0.45, 0.75)
    wide = rng.uniform(0.34, 0.5)
    shoulder = chin + rng.uniform(0.1, 0.2)
    slope = rng.uniform(0.02, 0.08)
    half: list[Point] = [
        (0.5 + neck, chin - head * 0.5),
        (0.5 + neck, chin + 0.02),
        (0.5 + neck + 0.05, shoulder - slope * 0.8),
        (0.5 + wide * 0.78, shoulder + slope),
        (0.5 + wide, shoulder + slope + rng.uniform(0.08, 0.2)),
        (0.5 + wide * rng.uniform(1.0, 1.08), 1.05),
    ]
    pen.polygon(smooth(mirrored(half)))


def _clothes(pen: Pen, rng: Generator, chin: float) -> None:
    """Collar and tie, lapels or a neckline, cut out."""
    cut = pen.inverted() if rng.random() < 0.6 else pen.toned(0.5)
    style = rng.integers(3)
    deep = rng.uniform(0.1, 0.3)
    if style == 0:
        cut.polygon([(0.38, chin + 0.08), (0.62, chin + 0.08), (0.5, chin + 0.1 + deep)])
        pen.polygon([(0.475, chin + 0.11), (0.525, chin + 0.11), (0.55, 1.0), (0.45, 1.0)])
    elif style == 1:
        cut.line([(0.4, chin + 0.07), (0.5, chin + 0.1 + deep), (0.6, chin + 0.07)], 0.6)
        cut.line([(0.5, chin + 0.1 + deep), (0.5, 1.0)], 0.6)
    else:
        cut.chord(0.5, chin + 0.07, 0.12, 0.06 + deep * 0.4, 0, 180)


def bust(pen: Pen, rng: Generator) -> None:
    """A circle over a rounded body, apart or touching, as in icon fonts."""
    r, y = rng.uniform(0.16, 0.24), rng.uniform(0.25, 0.34)
    gap = rng.uniform(0.02, 0.1) if rng.random() < 0.75 else -0.04
    top, wide = y + r + gap, rng.uniform(0.3, 0.45)
    style = rng.integers(4)
    if style == 0:
        bottom = rng.uniform(0.85, 1.0)
        pen.chord(0.5, bottom, wide, bottom - top, 180, 360)
    elif style == 1:
        bottom = rng.uniform(0.86, 1.0)
        radius = min(wide, (bottom - top) / 2) * rng.uniform(0.5, 1.0)
        pen.rectangle(0.5 - wide, top, 0.5 + wide, bottom, radius)
    elif style == 2:
        pen.polygon(superellipse(0.5, (top + 1) / 2, wide, (1 - top) / 2, rng.uniform(2, 4)))
    else:
        pen.polygon(
            smooth(
                mirrored(
                    [
                        (0.5, top),
                        (0.5 + wide * 0.8, top + 0.06),
                        (0.5 + wide, 0.8),
                        (0.5 + wide * 0.9, 0.93),
                        (0.5, 0.96),
                    ]
                )
            )
        )
    if rng.random() < 0.7:
        pen.ellipse(0.5, y, r, r * rng.uniform(1.0, 1.25))
    else:
        pen.polygon(superellipse(0.5, y, r, r * 1.1, rng.uniform(2.2, 4)))


def encircled(pen: Pen, rng: Generator) -> None:
    """A bust cut out of a disc, or standing in a ring."""
    figure = pen.solid()
    if pen.is_filled:
        pen.ellipse(0.5, 0.5, 0.5)
        figure = pen.inverted() if rng.random() < 0.7 else pen.toned(rng.uniform(0.3, 0.6))
    draw = bust if rng.random() < 0.6 else person
    draw(figure.within(0.14, 0.14, 0.72, 0.86), rng)
    pen.inverted().ring(0.5, 0.5, 0.5, 0.8)
    if not pen.is_filled:
        pen.ellipse(0.5, 0.5, 0.5)


def group(pen: Pen, rng: Generator) -> None:
    """Two to five people, the ones in front cut clear of the others."""
    rows = (
        [(0.06, 0.18, 0.44), (0.5, 0.18, 0.44)],
        [(0.38, 0.12, 0.5)],
        [(0.0, 0.3, 0.34), (0.66, 0.3, 0.34), (0.16, 0.2, 0.4), (0.44, 0.2, 0.4)],
    )[int(rng.integers(3))]
    alone = len(rows) == 1
    front = (0.06, 0.2, 0.6) if alone else (0.22, 0.24, 0.56)
    has_necks = rng.random() < 0.4
    shade = pen.toned(rng.uniform(0.45, 0.75)) if rng.random() < 0.5 else pen.solid()
    for x, y, size in rows:
        _member(shade.within(x, y, size, size * 1.25), has_necks)
    x, y, size = front
    grown = pen.within(x - 0.035, y - 0.035, size + 0.07, size * 1.25 + 0.07)
    _member(grown.inverted(), has_necks)
    _member(pen.solid().within(x, y, size, size * 1.25), has_necks)


def _member(pen: Pen, has_neck: bool) -> None:
    pen.ellipse(0.5, 0.26, 0.21, 0.24)
    if has_neck:
        pen.rectangle(0.4, 0.4, 0.6, 0.7)
    pen.chord(0.5, 1.0, 0.48, 0.44, 180, 360)


def full_figure(pen: Pen, rng: Generator) -> None:
    """One or two standing people, as on doors."""
    if rng.random() < 0.35:
        _standing(pen.within(-0.1, 0, 0.7, 1), rng, has_skirt=False)
        _standing(pen.within(0.4, 0, 0.7, 1), rng, has_skirt=True)
    else:
        _standing(pen, rng, has_skirt=rng.random() < 0.5)


def _standing(pen: Pen, rng: Generator, *, has_skirt: bool) -> None:
    pen = pen.solid()
    pen.ellipse(0.5, 0.12, 0.09)
    arms = [(0.5, 0.27), (0.5, 0.27)]
    if has_skirt:
        pen.polygon([(0.42, 0.24), (0.58, 0.24), (0.74, 0.68), (0.26, 0.68)])
    else:
        pen.rectangle(0.36, 0.24, 0.64, 0.6, 0.06)
    for x in (0.38, 0.52):
        pen.rectangle(x, 0.55, x + 0.1, 0.97, 0.04)
    reach = rng.uniform(0.2, 0.28)
    for side, (x, y) in zip((-1, 1), arms, strict=True):
        pen.line([(x + side * 0.14, y + 0.02), (x + side * reach, y + 0.3)], 0.08 / pen.stroke)


def single_line(pen: Pen, rng: Generator) -> None:
    """A person in one thin line: an open head and a sweep of shoulders."""
    r, y = rng.uniform(0.17, 0.23), rng.uniform(0.28, 0.34)
    turn = rng.uniform(0, 60) if rng.random() < 0.4 else 0.0
    pen.arc(0.5, y, r, r * rng.uniform(1.0, 1.3), 90 + turn, 450 - turn)
    top, wide = y + r + rng.uniform(0.08, 0.14), rng.uniform(0.32, 0.44)
    pen.arc(0.5, 0.95, wide, 0.95 - top, 180, 360)
    if rng.random() < 0.6:
        pen.line([(0.5 - wide, 0.95), (0.5 + wide, 0.95)])
    if rng.random() < 0.2:
        pen.ellipse(0.5, 0.52, 0.55)


SILHOUETTES = (person, person, bust)
OUTLINES = (single_line, bust, encircled)


def mystery(pen: Pen, rng: Generator) -> None:
    """Somebody unknown: a question mark for a face, or a hat over a mask."""
    pen = pen.solid()
    y, r = rng.uniform(0.34, 0.4), rng.uniform(0.19, 0.24)
    _body(pen, rng, y + r, r)
    pen.ellipse(0.5, y, r, r * 1.15)
    cut = pen.inverted()
    if rng.random() < 0.6:
        face = cut.within(0.5 - r, y - r * 0.8, 2 * r, 1.6 * r)
        write(pen.draw, face.box, Caption("?"), cut.ink, rng)
        return
    hat(pen, rng, y, r, r * 1.1)
    for side in (-1, 1):
        cut.polygon(
            [
                (0.5 + side * r * 0.15, y),
                (0.5 + side * r * 0.75, y - r * 0.2),
                (0.5 + side * r * 0.6, y + r * 0.2),
            ]
        )
    if rng.random() < 0.5:
        cut.line([(0.3, 0.72), (0.5, 0.98), (0.7, 0.72)], 0.5)
