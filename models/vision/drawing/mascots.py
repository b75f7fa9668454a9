"""Mascots: cartoon animals in full colour, as projects hand them out for avatars."""

from collections.abc import Callable

from numpy.random import Generator

from nophoto.models.vision.drawing.backgrounds import background
from nophoto.models.vision.drawing.canvas import Canvas
from nophoto.models.vision.drawing.frames import frame
from nophoto.models.vision.drawing.palette import blend, hue
from nophoto.models.vision.drawing.pen import Colour, Pen

_LINE: Colour = (40, 30, 40)


def mascot(canvas: Canvas, rng: Generator) -> None:
    """An animal with a body, big eyes and a dark outline, on white as a rule."""
    if rng.random() < 0.6:
        canvas.draw.rectangle((0, 0, *canvas.size), (255, 255, 255))
    else:
        background(canvas, rng)
    fur = hue(rng, (0.25, 0.8), (0.6, 1.0))
    belly = blend(fur, (255, 255, 255), rng.uniform(0.4, 0.8))
    size = rng.uniform(0.7, 0.98)
    pen = canvas.pen(canvas.centred(size), rng.uniform(0.012, 0.03))
    head = rng.uniform(0.3, 0.42)
    for side in (-1, 1):
        _limbs(pen, rng, side, fur)
        _ear(pen, rng, side, head, fur)
    _outlined(pen, fur, lambda p: p.ellipse(0.5, 0.72, 0.26, 0.26))
    _outlined(pen, belly, lambda p: p.ellipse(0.5, 0.76, 0.15, 0.18))
    _outlined(pen, fur, lambda p: p.ellipse(0.5, head, 0.27, rng.uniform(0.2, 0.27)))
    _face(pen, rng, head, belly)
    for accessory in (_glasses, _hat, _held):
        if rng.random() < 0.35:
            accessory(pen, rng, head)
    frame(canvas, rng)


def _outlined(pen: Pen, fill: Colour, shape: Callable[[Pen], None]) -> None:
    shape(pen.inked(fill))
    shape(pen.inked(_LINE).outlined())


def _limbs(pen: Pen, rng: Generator, side: int, fur: Colour) -> None:
    reach, drop = rng.uniform(0.26, 0.38), rng.uniform(0.55, 0.75)
    _outlined(pen, fur, lambda p: p.ellipse(0.5 + side * reach, drop, 0.1, 0.07))
    _outlined(pen, fur, lambda p: p.ellipse(0.5 + side * 0.14, 0.95, 0.11, 0.05))


def _ear(pen: Pen, rng: Generator, side: int, head: float, fur: Colour) -> None:
    style, x, y = rng.integers(3), 0.5 + side * 0.2, head - 0.2
    if style == 0:
        _outlined(pen, fur, lambda p: p.ellipse(x, y, 0.08))
    elif style == 1:
        tip = (x + side * 0.06, y - 0.14)
        corners = [(x - side * 0.08, y), tip, (x + side * 0.08, y + 0.12)]
        _outlined(pen, fur, lambda p: p.polygon(corners))
    else:
        _outlined(pen, fur, lambda p: p.ellipse(x - side * 0.06, y - 0.06, 0.05, 0.16))


def _face(pen: Pen, rng: Generator, head: float, muzzle: Colour) -> None:
    size, apart = rng.uniform(0.06, 0.12), rng.uniform(0.1, 0.15)
    glance = rng.uniform(-0.02, 0.02, 2)
    for x in (0.5 - apart, 0.5 + apart):
        _eye(pen, x, head - 0.05, size)
        pen.inked(_LINE).ellipse(x + glance[0], head - 0.05 + glance[1], size * 0.45)
    _outlined(pen, muzzle, lambda p: p.ellipse(0.5, head + 0.1, 0.1, 0.06))
    pen.inked(_LINE).ellipse(0.5, head + 0.07, 0.035, 0.025)
    if rng.random() < 0.5:
        _outlined(pen, (255, 255, 255), lambda p: p.rectangle(0.47, head + 0.15, 0.53, head + 0.2))


def _eye(pen: Pen, x: float, y: float, size: float) -> None:
    _outlined(pen, (255, 255, 255), lambda p: p.ellipse(x, y, size))


def _glasses(pen: Pen, rng: Generator, head: float) -> None:
    rim = pen.inked(hue(rng, (0.5, 1.0), (0.2, 0.8))).outlined(1.6)
    for x in (0.37, 0.63):
        rim.ellipse(x, head - 0.05, 0.12)


def _hat(pen: Pen, rng: Generator, head: float) -> None:
    colour, top = hue(rng, (0.5, 1.0), (0.4, 0.9)), head - 0.2
    _outlined(pen, colour, lambda p: p.chord(0.5, top, 0.2, 0.16, 180, 360))
    _outlined(pen, colour, lambda p: p.rectangle(0.28, top - 0.01, 0.78, top + 0.03, 0.02))


def _held(pen: Pen, rng: Generator, head: float) -> None:  # noqa: ARG001
    colour, x = hue(rng, (0.4, 1.0), (0.5, 0.95)), 0.16 if rng.random() < 0.5 else 0.84
    if rng.random() < 0.5:
        _outlined(pen, colour, lambda p: p.rectangle(x - 0.08, 0.58, x + 0.08, 0.8, 0.02))
    else:
        pen.inked(_LINE).line([(x, 0.5), (x, 0.95)], 2)
        _outlined(pen, colour, lambda p: p.ellipse(x, 0.5, 0.08))
