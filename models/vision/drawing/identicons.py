"""Avatars computed from a name: symmetric blocks, rings and quilts."""

import numpy as np
from numpy.random import Generator

from nophoto.models.vision.drawing.canvas import Canvas
from nophoto.models.vision.drawing.curves import regular
from nophoto.models.vision.drawing.frames import frame
from nophoto.models.vision.drawing.palette import Palette, blend, grey, hue
from nophoto.models.vision.drawing.pen import Pen


def blocks(canvas: Canvas, rng: Generator) -> None:
    """A grid of cells, the left half mirrored on the right; at times discs or two colours."""
    _coloured(canvas, rng)
    side = int(rng.integers(5, 10))
    half = rng.random((side, (side + 1) // 2)) < rng.uniform(0.4, 0.6)
    half[side // 2, -1] = True
    cells = np.concatenate([half, half[:, : side // 2][:, ::-1]], axis=1)
    pen = canvas.pen(canvas.centred(rng.choice([1.0, 0.84, 0.7])))
    second = canvas.pen(pen.box).inked(canvas.palette.accent)
    has_second = rng.random() < 0.3
    are_discs = rng.random() < 0.15
    step = 1 / side
    for row, column in np.argwhere(cells).tolist():
        mirror = min(column, side - 1 - column)
        chosen = second if has_second and (row * 7 + mirror * 3) % 4 == 0 else pen
        if are_discs:
            chosen.ellipse((column + 0.5) * step, (row + 0.5) * step, step * 0.45)
        else:
            chosen.rectangle(column * step, row * step, (column + 1) * step, (row + 1) * step)
    frame(canvas, rng)


def rings(canvas: Canvas, rng: Generator) -> None:
    """Concentric rings, each broken into arcs, or a wheel of wedges."""
    _coloured(canvas, rng)
    pen = canvas.pen(canvas.centred(rng.uniform(0.75, 0.98)))
    tones = [pen, pen.inked(canvas.palette.accent), pen.toned(0.5)]
    if rng.random() < 0.6:
        count = int(rng.integers(3, 7))
        width = 0.5 / count
        for index in range(count):
            r = 0.5 - index * width
            turn = float(rng.integers(12)) * 30
            for start in np.arange(0, 360, float(rng.choice([60, 90, 120, 180]))):
                sweep = rng.uniform(30, 100)
                tones[int(rng.integers(3))].slice(0.5, 0.5, r, start + turn, start + turn + sweep)
            pen.inverted().ellipse(0.5, 0.5, r - width * rng.uniform(0.6, 0.95))
    else:
        wedges = int(rng.choice([6, 8, 12, 16]))
        for r in (0.5, 0.36, 0.22):
            order = rng.integers(0, 3, size=2)
            for index in range(wedges):
                start = index * 360 / wedges
                tone = tones[int(order[index % 2])]
                tone.slice(0.5, 0.5, r, start, start + 360 / wedges)
        pen.inverted().ellipse(0.5, 0.5, 0.09)
    frame(canvas, rng)


def quilt(canvas: Canvas, rng: Generator) -> None:
    """Triangles, diamonds and squares under fourfold symmetry."""
    _coloured(canvas, rng)
    whole = canvas.pen(canvas.centred(rng.choice([1.0, 0.85])))
    corner, edge = (int(value) for value in rng.integers(0, 5, size=2))
    cells = int(rng.choice([3, 4]))
    step = 1 / cells
    accented = whole.inked(canvas.palette.accent)
    for row in range(cells):
        for column in range(cells):
            is_corner = row in (0, cells - 1) and column in (0, cells - 1)
            is_middle = 0 < row < cells - 1 and 0 < column < cells - 1
            turn = (row * 2 >= cells - 1) * 180 + (column * 2 >= cells - 1) * 90
            pen = whole if is_corner or not is_middle else accented
            patch = edge if not is_corner else corner
            _patch(pen.within(column * step, row * step, step, step), patch, turn)
    frame(canvas, rng)


def _patch(pen: Pen, style: int, turn: float) -> None:
    if style == 0:
        pen.polygon(regular(0.5, 0.5, 0.7, 4, turn + 45)[:3])
    elif style == 1:
        pen.polygon(regular(0.5, 0.5, 0.5, 4))
    elif style == 2:
        pen.rectangle(0.2, 0.2, 0.8, 0.8)
    elif style == 3:
        pen.polygon(regular(0.5, 0.5, 0.55, 3, turn))
    else:
        pen.ellipse(0.5, 0.5, 0.36)


def _coloured(canvas: Canvas, rng: Generator) -> None:
    paper = grey(rng, 235, 255) if rng.random() < 0.8 else grey(rng, 10, 60)
    ink = hue(rng, saturation=(0.3, 0.9), value=(0.45, 0.9))
    canvas.palette = Palette(paper, ink, blend(ink, (0, 0, 0), rng.uniform(0.25, 0.6)))
    canvas.image.paste(paper, (0, 0, *canvas.size))
