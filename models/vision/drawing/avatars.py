"""Default avatars that are whole pictures: initials, flat cartoon people, cartoon creatures."""

from numpy.random import Generator

from nophoto.models.vision.drawing.backgrounds import background
from nophoto.models.vision.drawing.canvas import Canvas
from nophoto.models.vision.drawing.curves import superellipse
from nophoto.models.vision.drawing.faces import creature, eyes, mouth, smiley
from nophoto.models.vision.drawing.frames import frame
from nophoto.models.vision.drawing.hair import hair, hat
from nophoto.models.vision.drawing.palette import Palette, blend, grey, hue, luminance
from nophoto.models.vision.drawing.typography import Caption, write

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SKINS = ((255, 219, 172), (241, 194, 125), (224, 172, 105), (141, 85, 36), (255, 205, 148))


def initials(canvas: Canvas, rng: Generator) -> None:
    """One or two letters, on a colour as a rule."""
    if rng.random() < 0.75:
        paper = hue(rng, saturation=(0.25, 0.9), value=(0.35, 0.9))
        canvas.palette = Palette(paper, (255, 255, 255), paper)
        if luminance(paper) > 175:
            canvas.palette = Palette(paper, grey(rng, 20, 80), paper)
    background(canvas, rng)
    count = int(rng.integers(1, 3))
    text = "".join(_LETTERS[int(rng.integers(len(_LETTERS)))] for _ in range(count))
    if rng.random() < 0.15:
        text = text.lower()
    write(
        canvas.draw, canvas.centred(rng.uniform(0.32, 0.62)), Caption(text), canvas.palette.ink, rng
    )
    frame(canvas, rng)


def cartoon_person(canvas: Canvas, rng: Generator) -> None:
    """A flat coloured person with skin, hair, clothes, and at times a face."""
    paper = canvas.palette.paper
    if rng.random() < 0.6:
        paper = hue(rng, saturation=(0.15, 0.8), value=(0.5, 1.0))
    skin = _SKINS[int(rng.integers(len(_SKINS)))] if rng.random() < 0.7 else grey(rng, 180, 240)
    clothes = hue(rng, saturation=(0.3, 0.9), value=(0.25, 0.9))
    hair_colour = blend((20, 15, 10), hue(rng, (0.3, 0.8), (0.3, 0.9)), rng.uniform(0.0, 0.8))
    canvas.palette = Palette(paper, clothes, canvas.palette.accent)
    background(canvas, rng)
    width, height = canvas.size
    size = canvas.side * rng.uniform(0.8, 1.05)
    pen = canvas.pen(((width - size) / 2, height - size, size, size), 0.04)
    y, r = rng.uniform(0.36, 0.42), rng.uniform(0.17, 0.22)
    long = r * rng.uniform(1.05, 1.3)
    has_hat = rng.random() < 0.12
    if not has_hat:
        hair(pen.inked(hair_colour), rng, y, r, long)
    pen.chord(0.5, 1.02, rng.uniform(0.32, 0.46), 0.36, 180, 360)
    neck = pen.inked(blend(skin, (0, 0, 0), rng.uniform(0.0, 0.15)))
    neck.rectangle(0.5 - r * 0.4, y, 0.5 + r * 0.4, 0.74, r * 0.35)
    face = pen.inked(skin)
    face.polygon(superellipse(0.5, y + 0.02, r, long, rng.uniform(2, 3)))
    if has_hat:
        hat(pen.inked(hair_colour), rng, y, r, long)
    elif rng.random() < 0.8:
        pen.inked(hair_colour).chord(0.5, y - long * 0.35, r * 1.04, long * 0.7, 180, 360)
    if rng.random() < 0.5:
        marks = pen.inked((50, 40, 40)).within(0.5 - r, y - r, 2 * r, 2 * r)
        eyes(marks, rng, 0.52, 0.2, 0.06)
        mouth(marks, rng, 0.76)
    frame(canvas, rng)


def cartoon_creature(canvas: Canvas, rng: Generator) -> None:
    """A creature or a smiley in colours."""
    ink = hue(rng, saturation=(0.35, 0.95), value=(0.45, 0.98))
    dark = rng.random() < 0.2
    paper = blend(ink, (0, 0, 0) if dark else (255, 255, 255), rng.uniform(0.6, 1.0))
    canvas.palette = Palette(paper, ink, canvas.palette.accent)
    background(canvas, rng)
    pen = canvas.pen(canvas.centred(rng.uniform(0.55, 0.9)), rng.uniform(0.03, 0.06))
    draw = creature if rng.random() < 0.65 else smiley
    draw(pen, rng)
    frame(canvas, rng)
