"""Icons of houses, vehicles and places."""

from numpy.random import Generator

from nophoto.models.vision.drawing.curves import smooth
from nophoto.models.vision.drawing.pen import Pen


def house(pen: Pen, rng: Generator) -> None:
    """A house with a door, a window or a chimney, as real-estate sites show it."""
    eaves = rng.uniform(0.42, 0.52)
    if rng.random() < 0.4:
        pen.solid().rectangle(0.7, 0.12, 0.8, 0.4)
    if pen.is_filled:
        pen.polygon([(0.02, eaves), (0.5, 0.06), (0.98, eaves)])
        pen.rectangle(0.14, eaves - 0.02, 0.86, 0.94)
    else:
        pen.line([(0.03, eaves), (0.5, 0.07), (0.97, eaves)], 1.2)
        pen.line([(0.15, eaves - 0.06), (0.15, 0.94), (0.85, 0.94), (0.85, eaves - 0.06)])
    marks = pen.inverted() if pen.is_filled else pen
    if rng.random() < 0.7:
        x = rng.choice([0.22, 0.42, 0.58])
        marks.rectangle(x, 0.62, x + 0.17, 0.94)
    if rng.random() < 0.5:
        marks.rectangle(0.64, 0.54, 0.78, 0.68)


def towers(pen: Pen, rng: Generator) -> None:
    """One to three office blocks with windows."""
    heights = rng.uniform(0.1, 0.45, size=int(rng.integers(1, 4)))
    width = 0.8 / len(heights)
    marks = pen.inverted() if pen.is_filled else pen.solid()
    for index, top in enumerate(heights.tolist()):
        x = 0.1 + width * index
        pen.rectangle(x, top, x + width * 0.94, 0.95)
        columns = 3 if len(heights) == 1 else 2
        for row in range(int((0.8 - top) / 0.14)):
            for column in range(columns):
                wx = x + width * (0.16 + 0.7 * column / columns)
                wy = top + 0.07 + 0.14 * row
                marks.rectangle(wx, wy, wx + width * 0.16, wy + 0.07)


def car(pen: Pen, rng: Generator) -> None:
    """A car from the side, or from the front."""
    if rng.random() < 0.6:
        cabin = rng.uniform(0.28, 0.34)
        pen.polygon(
            [
                (0.03, 0.68),
                (0.04, 0.5),
                (0.22, 0.46),
                (0.34, cabin),
                (0.66, cabin),
                (0.8, 0.48),
                (0.96, 0.52),
                (0.97, 0.68),
            ]
        )
        marks = pen.inverted()
        if pen.is_filled:
            marks.polygon([(0.29, 0.46), (0.37, cabin + 0.05), (0.48, cabin + 0.05), (0.48, 0.46)])
            marks.polygon([(0.52, 0.46), (0.52, cabin + 0.05), (0.64, cabin + 0.05), (0.73, 0.46)])
        for x in (0.25, 0.75):
            marks.ellipse(x, 0.68, 0.125)
            pen.ellipse(x, 0.68, 0.095)
        return
    pen.polygon([(0.22, 0.44), (0.3, 0.2), (0.7, 0.2), (0.78, 0.44)])
    pen.rectangle(0.1, 0.42, 0.9, 0.72, 0.08)
    for x in (0.14, 0.7):
        pen.solid().rectangle(x, 0.68, x + 0.16, 0.84, 0.03)
    lights = pen.inverted() if pen.is_filled else pen
    for x in (0.24, 0.76):
        lights.ellipse(x, 0.57, 0.06)
    if pen.is_filled:
        lights.polygon([(0.29, 0.42), (0.35, 0.26), (0.65, 0.26), (0.71, 0.42)])


def pin(pen: Pen, rng: Generator) -> None:
    """The pin of a map, at times on a folded map."""
    if rng.random() < 0.4:
        sheet = pen.outlined(0.8)
        for index in range(3):
            x, drop = 0.08 + 0.28 * index, 0.06 * (index % 2)
            sheet.polygon(
                [(x, 0.5 + drop), (x + 0.28, 0.56 - drop), (x + 0.28, 0.96 - drop), (x, 0.9 + drop)]
            )
        pen.inverted().within(0.24, 0.0, 0.52, 0.74).polygon(_DROP)
        pen = pen.within(0.28, 0.02, 0.44, 0.68)
    pen.polygon(_DROP)
    hole = pen.inverted() if pen.is_filled else pen
    hole.ellipse(0.5, 0.36, rng.uniform(0.11, 0.16))


_DROP = smooth(
    [
        (0.5, 0.02),
        (0.78, 0.12),
        (0.86, 0.38),
        (0.72, 0.64),
        (0.5, 0.98),
        (0.28, 0.64),
        (0.14, 0.38),
        (0.22, 0.12),
    ]
)


def globe(pen: Pen, rng: Generator) -> None:
    """A globe with meridians and parallels."""
    pen.outlined().ellipse(0.5, 0.5, 0.46)
    grid = pen.outlined(0.7)
    grid.ellipse(0.5, 0.5, rng.uniform(0.18, 0.24), 0.46)
    grid.line([(0.5, 0.04), (0.5, 0.96)])
    for y in (0.3, 0.5, 0.7):
        reach = (0.46**2 - (y - 0.5) ** 2) ** 0.5
        grid.line([(0.5 - reach, y), (0.5 + reach, y)])


def rocket(pen: Pen, rng: Generator) -> None:
    """A rocket on its way up."""
    solid = pen.solid()
    for side in (-1, 1):
        pen.toned(0.6).polygon(
            [(0.5 + side * 0.12, 0.5), (0.5 + side * 0.34, 0.82), (0.5 + side * 0.1, 0.74)]
        )
    solid.polygon(
        smooth(
            [
                (0.5, 0.02),
                (0.66, 0.24),
                (0.66, 0.56),
                (0.6, 0.76),
                (0.4, 0.76),
                (0.34, 0.56),
                (0.34, 0.24),
            ]
        )
    )
    pen.inverted().ellipse(0.5, 0.36, rng.uniform(0.06, 0.09))
    pen.toned(0.5).polygon([(0.43, 0.79), (0.57, 0.79), (0.5, 0.98)])
