"""A pen that draws in the unit square, whatever the pixels behind it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator
from PIL import ImageDraw

Colour = tuple[int, int, int]
Ink = Colour | int
Point = tuple[float, float]


@dataclass(frozen=True)
class Pen:
    """Draws shapes given in 0..1 into a box of a picture.

    Attributes:
        draw: the drawing surface.
        box: left, top, width and height of the unit square, in pixels.
        ink: what shapes are drawn in: a colour, or a tone 0..255 on a single-channel surface.
        paper: what is cut out of them.
        stroke: line width, as a share of the box's smaller side.
        is_filled: whether closed shapes are filled or drawn as outlines.

    """

    draw: ImageDraw.ImageDraw
    box: tuple[float, float, float, float]
    ink: Ink
    paper: Ink
    stroke: float
    is_filled: bool

    def at(self, x: float, y: float) -> Point:
        """The pixel of a point of the unit square."""
        left, top, width, height = self.box
        return left + x * width, top + y * height

    def within(self, x: float, y: float, width: float, height: float) -> "Pen":
        """A pen for the part of this one's square that begins at (x, y)."""
        left, top = self.at(x, y)
        return replace(self, box=(left, top, width * self.box[2], height * self.box[3]))

    def inverted(self) -> "Pen":
        """A pen that fills with the paper: it cuts out of what this one drew."""
        return replace(self, ink=self.paper, paper=self.ink, is_filled=True)

    def solid(self) -> "Pen":
        """The same pen, filling."""
        return replace(self, is_filled=True)

    def outlined(self, scale: float = 1.0) -> "Pen":
        """The same pen with `scale` times the stroke, drawing outlines."""
        return replace(self, is_filled=False, stroke=self.stroke * scale)

    def inked(self, ink: Ink) -> "Pen":
        """The same pen, filling with another ink."""
        return replace(self, ink=ink, is_filled=True)

    def toned(self, share: float) -> "Pen":
        """The same pen, filling with a mixture that has `share` of the ink in it, else paper."""
        mixed = np.asarray(self.paper) + (np.asarray(self.ink) - np.asarray(self.paper)) * share
        values = np.atleast_1d(mixed.round().astype(int)).tolist()
        return self.inked(values[0] if len(values) == 1 else (values[0], values[1], values[2]))

    def ellipse(self, x: float, y: float, rx: float, ry: float | None = None) -> None:
        """An ellipse about (x, y); a circle where `ry` is left out."""
        ry = rx if ry is None else ry
        self.draw.ellipse(self._span(x - rx, y - ry, x + rx, y + ry), *self._style())

    def rectangle(self, x0: float, y0: float, x1: float, y1: float, radius: float = 0.0) -> None:
        """A rectangle with rounded corners."""
        pixels = radius * min(self.box[2], self.box[3])
        self.draw.rounded_rectangle(self._span(x0, y0, x1, y1), pixels, *self._style())

    def polygon(self, points: Sequence[Point]) -> None:
        """A closed polygon."""
        pixels = [self.at(*point) for point in points]
        if self.is_filled:
            self.draw.polygon(pixels, fill=self.ink)
        else:
            self.draw.line([*pixels, *pixels[:2]], self.ink, self._width(1), joint="curve")

    def chord(self, x: float, y: float, rx: float, ry: float, start: float, end: float) -> None:
        """The part of an ellipse that a straight line cuts off, angles in degrees."""
        self.draw.chord(self._span(x - rx, y - ry, x + rx, y + ry), start, end, *self._style())

    def slice(self, x: float, y: float, r: float, start: float, end: float) -> None:
        """A slice of a disc, always filled, angles in degrees."""
        self.draw.pieslice(self._span(x - r, y - r, x + r, y + r), start, end, fill=self.ink)

    def ring(self, x: float, y: float, inner: float, outer: float) -> None:
        """What lies between two circles, always filled."""
        width = max(1, round((outer - inner) * min(self.box[2], self.box[3])))
        span = self._span(x - outer, y - outer, x + outer, y + outer)
        self.draw.ellipse(span, outline=self.ink, width=width)

    def arc(
        self, x: float, y: float, rx: float, ry: float, start: float, end: float, scale: float = 1
    ) -> None:
        """An arc of an ellipse with `scale` times the stroke, angles in degrees."""
        span = self._span(x - rx, y - ry, x + rx, y + ry)
        self.draw.arc(span, start, end, self.ink, self._width(scale))

    def line(self, points: Sequence[Point], scale: float = 1.0) -> None:
        """A line with round ends and `scale` times the stroke."""
        pixels = [self.at(*point) for point in points]
        width = self._width(scale)
        self.draw.line(pixels, self.ink, width, joint="curve")
        r = width / 2 - 0.5
        for x, y in (pixels[0], pixels[-1]):
            self.draw.ellipse((x - r, y - r, x + r, y + r), fill=self.ink)

    def _width(self, scale: float) -> int:
        return max(2, round(scale * self.stroke * min(self.box[2], self.box[3])))

    def _span(self, x0: float, y0: float, x1: float, y1: float) -> list[Point]:
        return [self.at(min(x0, x1), min(y0, y1)), self.at(max(x0, x1), max(y0, y1))]

    def _style(self) -> tuple[Ink | None, Ink | None, int]:
        """Fill, outline and width, in the order of Pillow's shapes."""
        return (self.ink, None, 1) if self.is_filled else (None, self.ink, self._width(1))


Figure = Callable[[Pen, Generator], None]
"""Draws one thing into the unit square of a pen."""
