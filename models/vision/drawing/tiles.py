"""Placeholders without a figure: flat, gradient and patterned tiles, size labels, drop zones."""

from numpy.random import Generator

from nophoto.models.vision.drawing import backgrounds
from nophoto.models.vision.drawing.canvas import Canvas
from nophoto.models.vision.drawing.composition import add_caption
from nophoto.models.vision.drawing.fills import linear_gradient, radial_gradient, texture
from nophoto.models.vision.drawing.frames import border, dashes, frame
from nophoto.models.vision.drawing.palette import blend, hue
from nophoto.models.vision.drawing.signs import cloud, plus, upload
from nophoto.models.vision.drawing.typography import Caption, caption, write


def solid(canvas: Canvas, rng: Generator) -> None:
    """One colour, any colour, at times framed or with a little grain."""
    if rng.random() < 0.35:
        colour = hue(rng, saturation=(0.15, 1.0), value=(0.2, 1.0))
        canvas.image.paste(colour, (0, 0, *canvas.size))
    elif rng.random() < 0.15:
        canvas.image.paste(texture(canvas.size, canvas.palette.paper, 14, rng))
    if rng.random() < 0.4:
        frame(canvas, rng)


def blank(canvas: Canvas, rng: Generator) -> None:
    """Nearly nothing: white, black or grey with at most a hairline or a spot."""
    level = int(rng.choice([255, 250, 245, 238, 224, 0, 20, 40]))
    canvas.image.paste((level, level, level), (0, 0, *canvas.size))
    style = rng.integers(5)
    if style == 0:
        border(canvas, rng, inset=float(rng.choice([0.0, 0.03, 0.06])))
    elif style == 1:
        shade = level - 12 if level > 128 else level + 12
        pen = canvas.pen(canvas.centred(rng.uniform(0.06, 0.2)))
        pen.inked((shade, shade, shade)).ellipse(0.5, 0.5, 0.5)
    elif style == 2:
        pen = canvas.pen((0, 0, *canvas.size)).toned(rng.uniform(0.2, 0.6))
        y = rng.uniform(0.75, 0.92)
        pen.rectangle(0, y, 1, 1)


def gradient(canvas: Canvas, rng: Generator) -> None:
    """Two colours that run into each other, in a line or from a centre."""
    start = hue(rng, saturation=(0.0, 0.9), value=(0.2, 1.0))
    end = hue(rng, saturation=(0.0, 0.9), value=(0.2, 1.0))
    if rng.random() < 0.5:
        toward = (0, 0, 0) if rng.random() < 0.5 else (255, 255, 255)
        start, end = (
            canvas.palette.paper,
            blend(canvas.palette.paper, toward, rng.uniform(0.15, 0.6)),
        )
    if rng.random() < 0.7:
        degrees = float(rng.choice([0, 45, 90, 135, 225, 270]))
        canvas.image.paste(linear_gradient(canvas.size, start, end, degrees))
    else:
        x, y = rng.uniform(0.3, 0.7, size=2).tolist()
        canvas.image.paste(radial_gradient(canvas.size, start, end, x, y))
    if rng.random() < 0.3:
        frame(canvas, rng)


def checkerboard(canvas: Canvas, rng: Generator) -> None:
    """The board that stands for transparency, or any two colours of it."""
    if rng.random() < 0.6:
        canvas.image.paste((255, 255, 255), (0, 0, *canvas.size))
    backgrounds.checks(canvas, rng, rng.uniform(0.2, 0.7))


def pattern(canvas: Canvas, rng: Generator) -> None:
    """Stripes or dots, plainly visible."""
    draw = backgrounds.stripes if rng.random() < 0.6 else backgrounds.dots
    draw(canvas, rng, rng.uniform(0.25, 0.9))
    frame(canvas, rng)


def crossed_box(canvas: Canvas, rng: Generator) -> None:
    """A box with its diagonals, as in wireframes, at times with a label in the middle."""
    backgrounds.background(canvas, rng)
    inset = rng.uniform(0.0, 0.1) if rng.random() < 0.6 else 0.0
    pen = canvas.pen((0, 0, *canvas.size), rng.choice([0.006, 0.012, 0.02, 0.03]), is_filled=False)
    low, high = inset, 1 - inset
    pen.line([(low, low), (high, high)])
    pen.line([(low, high), (high, low)])
    if rng.random() < 0.8:
        pen.rectangle(low, low, high, high)
    if rng.random() < 0.35:
        label = _size_text(canvas, rng) if rng.random() < 0.5 else caption(rng)
        height = rng.uniform(0.08, 0.15)
        plate = pen.inverted()
        plate.rectangle(0.2, 0.5 - height, 0.8, 0.5 + height)
        box = canvas.part(0.23, 0.5 - height * 0.7, 0.54, height * 1.4)
        write(canvas.draw, box, label, canvas.palette.ink, rng)


def size_label(canvas: Canvas, rng: Generator) -> None:
    """The size of the missing picture in numbers, as placeholder services draw it."""
    backgrounds.background(canvas, rng)
    width, height = rng.uniform(0.4, 0.85), rng.uniform(0.12, 0.4)
    box = canvas.part(0.5 - width / 2, 0.5 - height / 2, width, height)
    write(canvas.draw, box, _size_text(canvas, rng), canvas.palette.ink, rng)
    if rng.random() < 0.15:
        add_caption(canvas, rng, caption(rng))
    frame(canvas, rng, may_be_round=False)


def drop_zone(canvas: Canvas, rng: Generator) -> None:
    """A dashed box that asks for a picture: a plus, an arrow or a cloud."""
    dashes(canvas, rng)
    is_filled = rng.random() < 0.5
    pen = canvas.pen(canvas.centred(rng.uniform(0.2, 0.45), 0.5, 0.46), 0.07, is_filled=is_filled)
    figures = (plus, upload, cloud)
    figures[int(rng.integers(len(figures)))](pen, rng)
    if rng.random() < 0.4:
        add_caption(canvas, rng, caption(rng))


def _size_text(canvas: Canvas, rng: Generator) -> Caption:
    width, height = (side // canvas.scale for side in canvas.size)
    if rng.random() < 0.7:
        unit = int(rng.choice([1, 2, 4, 5, 10]))
        width, height = width // 10 * 10 * unit, height // 10 * 10 * unit
    cross = str(rng.choice(["×", " × ", "x", " x ", " X "]))
    suffix = " px" if rng.random() < 0.08 else ""
    return Caption(f"{width}{cross}{height}{suffix}")
