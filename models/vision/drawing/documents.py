"""Icons of pages, files, folders and books."""

import numpy as np
from numpy.random import Generator

from nophoto.models.vision.drawing.faces import eyes, mouth
from nophoto.models.vision.drawing.pen import Pen
from nophoto.models.vision.drawing.typography import Caption, write

FILE_TYPES = ("PDF", "DOC", "XLS", "PPT", "ZIP", "TXT", "JPG", "PNG", "MP3", "MP4", "CSV", "HTML")


def page(pen: Pen, rng: Generator) -> None:
    """A page with a folded corner: lines of text, a file type, a sad face, or nothing."""
    fold = rng.uniform(0.14, 0.26)
    left, right = rng.uniform(0.12, 0.2), rng.uniform(0.8, 0.88)
    pen.polygon(
        [(left, 0.04), (right - fold, 0.04), (right, 0.04 + fold), (right, 0.96), (left, 0.96)]
    )
    marks = pen.inverted() if pen.is_filled else pen.solid()
    corner = [(right - fold, 0.04), (right - fold, 0.04 + fold), (right, 0.04 + fold)]
    if pen.is_filled:
        pen.toned(0.6).polygon(corner)
    else:
        pen.line(corner)
    style = rng.integers(4)
    if style == 0:
        for y in np.linspace(0.42, 0.8, int(rng.integers(3, 6))):
            marks.line([(left + 0.12, float(y)), (right - rng.uniform(0.1, 0.3), float(y))], 0.8)
    elif style == 1:
        text = FILE_TYPES[int(rng.integers(len(FILE_TYPES)))]
        label = marks.within(left + 0.06, 0.52, right - left - 0.12, 0.26)
        write(marks.draw, label.box, Caption(text), marks.ink, rng)
    elif style == 2:
        eyes(marks, rng, 0.48, 0.13, 0.045)
        mouth(marks, rng, 0.66)


def folder(pen: Pen, rng: Generator) -> None:
    """A folder, shut or with its front leaning forward."""
    tab = rng.uniform(0.3, 0.46)
    radius = rng.uniform(0.02, 0.07)
    if pen.is_filled:
        pen.toned(rng.uniform(0.6, 1.0)).rectangle(0.06, 0.16, 0.06 + tab, 0.5, radius)
        pen.toned(rng.uniform(0.6, 0.9)).rectangle(0.06, 0.24, 0.94, 0.84, radius)
        if rng.random() < 0.5:
            pen.inverted().rectangle(0.12, 0.3, 0.88, 0.6, 0.02)
        if rng.random() < 0.5:
            pen.rectangle(0.03, 0.38, 0.97, 0.86, radius)
        else:
            pen.polygon([(0.16, 0.44), (1.0, 0.44), (0.9, 0.86), (0.05, 0.86)])
    else:
        pen.polygon(
            [
                (0.05, 0.18),
                (0.05 + tab, 0.18),
                (0.13 + tab, 0.28),
                (0.95, 0.28),
                (0.95, 0.84),
                (0.05, 0.84),
            ]
        )
        if rng.random() < 0.5:
            pen.line([(0.05, 0.42), (0.95, 0.42)])


def shut_book(pen: Pen, rng: Generator) -> None:
    """A book from the front with its spine, or standing at an angle."""
    if rng.random() < 0.5:
        pen.rectangle(0.16, 0.04, 0.86, 0.96, 0.04)
        marks = pen.inverted() if pen.is_filled else pen
        marks.line([(0.27, 0.06), (0.27, 0.94)], 0.7)
        marks.rectangle(0.38, 0.2, 0.74, 0.38, 0.02)
        return
    solid = pen.solid()
    solid.polygon([(0.18, 0.12), (0.74, 0.04), (0.74, 0.88), (0.18, 0.97)])
    pen.toned(0.55).polygon([(0.18, 0.12), (0.28, 0.18), (0.28, 1.0), (0.18, 0.97)])
    pen.toned(0.25).polygon([(0.74, 0.04), (0.84, 0.09), (0.84, 0.9), (0.74, 0.88)])
    pen.inverted().line([(0.36, 0.26), (0.66, 0.21)], 0.8)


def open_book(pen: Pen, rng: Generator) -> None:
    """Two pages about a middle fold."""
    sag = rng.uniform(0.04, 0.12)
    for side in (-1, 1):
        edge = 0.5 + side * 0.46
        pen.polygon(
            [
                (0.5, 0.24 + sag),
                (0.5 + side * 0.2, 0.2),
                (edge, 0.22),
                (edge, 0.78),
                (0.5 + side * 0.2, 0.76),
                (0.5, 0.8 + sag),
            ]
        )
    marks = pen.inverted() if pen.is_filled else pen
    marks.line([(0.5, 0.24 + sag), (0.5, 0.8 + sag)], 0.8)
    for y in (0.38, 0.5, 0.62):
        for x in (0.14, 0.6):
            marks.line([(x, y), (x + 0.26, y)], 0.5)


def newspaper(pen: Pen, rng: Generator) -> None:
    """A sheet with a headline, a picture and columns."""
    pen.rectangle(0.08, 0.06, 0.92, 0.94, 0.03)
    marks = pen.inverted() if pen.is_filled else pen.solid()
    marks.rectangle(0.16, 0.14, 0.84, 0.24)
    marks.rectangle(0.16, 0.32, 0.46, 0.58)
    for y in np.linspace(0.34, 0.84, int(rng.integers(5, 8))):
        start = 0.54 if y < 0.6 else 0.16
        marks.line([(start, float(y)), (0.84, float(y))], 0.5)
