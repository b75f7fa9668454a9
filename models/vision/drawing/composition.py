"""Lays figures and captions out on a canvas, as designers of placeholders do."""

from collections.abc import Callable, Sequence

from numpy.random import Generator
from PIL import Image, ImageDraw, ImageFilter

from nophoto.models.vision.drawing.backgrounds import background
from nophoto.models.vision.drawing.canvas import Box, Canvas
from nophoto.models.vision.drawing.fills import linear_gradient, modelled
from nophoto.models.vision.drawing.frames import frame
from nophoto.models.vision.drawing.palette import blend
from nophoto.models.vision.drawing.pen import Colour, Figure, Pen
from nophoto.models.vision.drawing.typography import Caption, caption, write

Painter = Callable[[Canvas, Generator], None]
"""Paints a whole picture."""

SMALLEST_CAPTIONED = 90
"""Result pixels of the smaller side below which a caption would be a smudge."""


def figure_scene(
    figures: Sequence[Figure],
    *,
    outlined: float = 0.3,
    captioned: float = 0.25,
    words: Callable[[Generator], Caption] = caption,
) -> Painter:
    """A painter of one of `figures` on a background, at times with a caption and a frame.

    Args:
        figures: one is chosen for every picture.
        outlined: share of pictures that draw it in outlines.
        captioned: share of pictures with a caption.
        words: what captions say.

    """

    def paint(canvas: Canvas, rng: Generator) -> None:
        background(canvas, rng)
        has_caption = rng.random() < captioned and _room_for_caption(canvas)
        text_above = rng.random() < 0.15
        centre = (0.6 if text_above else 0.4) if has_caption else rng.normal(0.5, 0.02)
        size = rng.uniform(0.35, 0.58) if has_caption else rng.uniform(0.4, 0.88)
        box = canvas.centred(size, 0.5, centre)
        if rng.random() < 0.12:
            _plate(canvas, rng, box)
        layer = canvas.layer()
        pen = _tone_pen(layer, box, rng.uniform(0.025, 0.075), rng.random() >= outlined)
        figures[int(rng.integers(len(figures)))](pen, rng)
        if rng.random() < 0.05:
            layer = layer.rotate(rng.uniform(-20, 20), Image.Resampling.BILINEAR)
        _stamp(canvas, layer, rng)
        if has_caption:
            height = rng.uniform(0.08, 0.2)
            y = 0.1 if text_above else 0.74
            _write_line(canvas, rng, words(rng), (0.08, y, 0.84, height))
        frame(canvas, rng, may_be_round=not has_caption)

    return paint


def full_bleed_scene(figures: Sequence[Figure]) -> Painter:
    """A painter of figures that stand on the lower edge: busts, as in default avatars."""

    def paint(canvas: Canvas, rng: Generator) -> None:
        background(canvas, rng)
        width, height = canvas.size
        size = canvas.side * rng.uniform(0.78, 1.15)
        box = ((width - size) / 2, height - size + canvas.side * 0.01, size, size)
        layer = canvas.layer()
        pen = _tone_pen(layer, box, rng.uniform(0.02, 0.05), is_filled=True)
        figures[int(rng.integers(len(figures)))](pen, rng)
        _stamp(canvas, layer, rng)
        frame(canvas, rng)

    return paint


def caption_scene(words: Callable[[Generator], Caption]) -> Painter:
    """A painter of a text alone, on one to four lines."""

    def paint(canvas: Canvas, rng: Generator) -> None:
        background(canvas, rng)
        width, height = rng.uniform(0.5, 0.9), rng.uniform(0.16, 0.6)
        y = 0.5 if rng.random() < 0.8 else rng.uniform(0.3, 0.7)
        y = min(max(y, height / 2 + 0.03), 0.97 - height / 2)
        is_tall = canvas.size[1] >= canvas.size[0]
        lines = int(rng.integers(1, 5 if is_tall else 3))
        layer = canvas.layer()
        write(
            ImageDraw.Draw(layer),
            canvas.part(0.5 - width / 2, y - height / 2, width, height),
            words(rng),
            255,
            rng,
            lines=lines,
        )
        if rng.random() < 0.08:
            layer = layer.rotate(rng.choice([-30, 30, 45, -12]), Image.Resampling.BILINEAR)
        _stamp(canvas, layer, rng)
        frame(canvas, rng, may_be_round=False)

    return paint


def add_caption(canvas: Canvas, rng: Generator, words: Caption) -> None:
    """Write a caption near the lower edge, where the picture is large enough for one."""
    if _room_for_caption(canvas):
        _write_line(canvas, rng, words, (0.1, rng.uniform(0.78, 0.84), 0.8, 0.11))


def _room_for_caption(canvas: Canvas) -> bool:
    return canvas.side / canvas.scale >= SMALLEST_CAPTIONED


def _write_line(
    canvas: Canvas, rng: Generator, words: Caption, part: tuple[float, float, float, float]
) -> None:
    lines = 2 if len(words.text) > 18 and rng.random() < 0.6 else 1
    write(canvas.draw, canvas.part(*part), words, canvas.palette.ink, rng, lines=lines)


def _tone_pen(layer: Image.Image, box: Box, stroke: float, is_filled: bool) -> Pen:
    return Pen(ImageDraw.Draw(layer), box, 255, 0, stroke, is_filled)


def _plate(canvas: Canvas, rng: Generator, box: Box) -> None:
    """A disc or a tile behind a figure."""
    left, top, size, _ = box
    margin = size * rng.uniform(0.12, 0.3)
    span = (left - margin, top - margin, left + size + margin, top + size + margin)
    colour = blend(canvas.palette.paper, canvas.palette.ink, rng.uniform(0.1, 0.3))
    if rng.random() < 0.6:
        canvas.draw.ellipse(span, fill=colour)
    else:
        canvas.draw.rounded_rectangle(span, size * rng.uniform(0.05, 0.3), fill=colour)


def _stamp(canvas: Canvas, layer: Image.Image, rng: Generator) -> None:
    """Lay the figure down: flat as a rule, sometimes shaded in one of several ways."""
    style = rng.choice(_STYLES, p=_WEIGHTS)
    fill: Colour | Image.Image = canvas.palette.ink
    if style == "shadow":
        _drop_shadow(canvas, layer, rng)
    elif style == "long shadow":
        _long_shadow(canvas, layer)
    elif style == "gradient":
        other = blend(canvas.palette.ink, canvas.palette.paper, rng.uniform(0.2, 0.55))
        fill = linear_gradient(canvas.size, canvas.palette.ink, other, float(rng.choice([90, 270])))
    elif style == "emboss":
        offset = max(1, canvas.side // 90)
        light = blend(canvas.palette.paper, (255, 255, 255), 0.7)
        canvas.image.paste(light, (offset, offset), layer)
    elif style == "modelled":
        _drop_shadow(canvas, layer, rng)
        fill = modelled(layer, canvas.palette.ink, rng)
    canvas.stamp(layer, fill)


_STYLES = ("flat", "shadow", "long shadow", "gradient", "emboss", "modelled")
_WEIGHTS = (0.68, 0.07, 0.04, 0.1, 0.03, 0.08)


def _drop_shadow(canvas: Canvas, layer: Image.Image, rng: Generator) -> None:
    """Blurred at a quarter of the size, where a blur costs a sixteenth."""
    width, height = canvas.size
    small = layer.reduce(4).filter(ImageFilter.GaussianBlur(max(1, canvas.side / 200)))
    shade = small.point([round(level * 0.5) for level in range(256)]).resize((width, height))
    offset = round(canvas.side * rng.uniform(0.01, 0.03))
    canvas.image.paste((0, 0, 0), (offset, offset), shade)


def _long_shadow(canvas: Canvas, layer: Image.Image) -> None:
    """The figure smeared towards the lower right corner, by doubling its reach again and again."""
    shade = layer.reduce(2)
    reach = 1
    while reach < max(shade.size):
        shade.paste(255, (reach, reach), shade.copy())
        reach *= 2
    shade = shade.resize(canvas.size)
    canvas.image.paste(blend(canvas.palette.paper, (0, 0, 0), 0.12), (0, 0, *canvas.size), shade)
