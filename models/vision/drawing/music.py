"""Sheet music, as media managers show it for sound files."""

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw

from nophoto.models.vision.drawing.backgrounds import background
from nophoto.models.vision.drawing.canvas import Canvas
from nophoto.models.vision.drawing.composition import add_caption
from nophoto.models.vision.drawing.frames import frame
from nophoto.models.vision.drawing.media import film_strip
from nophoto.models.vision.drawing.pen import Pen
from nophoto.models.vision.drawing.typography import Caption

_ENDINGS = (".mp3", ".m4a", ".wav", ".flac", ".ogg", "MP3", "AUDIO", "MUSIC", "SOUND")


def sheet_music(canvas: Canvas, rng: Generator) -> None:
    """Staves with notes over the whole width, level or aslant, at times crossed by a film strip."""
    background(canvas, rng)
    width, height = canvas.size
    layer = canvas.layer()
    pen = Pen(ImageDraw.Draw(layer), (0, 0, width, height), 255, 0, rng.uniform(0.008, 0.02), True)
    has_caption = rng.random() < 0.5
    bottom = 0.72 if has_caption else 1.0
    for top in np.linspace(0.08, bottom - 0.24, int(rng.integers(1, 4))).tolist():
        _stave(pen, rng, top, rng.uniform(0.03, 0.05))
    if rng.random() < 0.5:
        layer = layer.rotate(rng.uniform(-35, 35), Image.Resampling.BILINEAR)
    canvas.stamp(layer, canvas.palette.ink)
    if rng.random() < 0.3:
        strip = canvas.layer()
        size = canvas.side * rng.uniform(0.5, 0.9)
        box = ((width - size) * rng.random(), (height - size) * rng.random(), size, size * 1.4)
        film_strip(Pen(ImageDraw.Draw(strip), box, 255, 0, 0.03, True), rng)
        canvas.stamp(strip.rotate(rng.uniform(-50, 50), Image.Resampling.BILINEAR), (20, 20, 20))
    if has_caption:
        add_caption(canvas, rng, Caption(_ENDINGS[int(rng.integers(len(_ENDINGS)))]))
    frame(canvas, rng, may_be_round=False)


def _stave(pen: Pen, rng: Generator, top: float, gap: float) -> None:
    for line in range(5):
        y = top + line * gap
        pen.line([(-0.1, y), (1.1, y)], 0.5)
    x = rng.uniform(0.05, 0.15)
    previous: tuple[float, float] | None = None
    while x < 0.95:
        y = top + gap * rng.uniform(0, 4)
        pen.ellipse(x, y, gap * 0.75, gap * 0.55)
        tip = (x + gap * 0.6, y - gap * 3.2)
        pen.line([(x + gap * 0.6, y), tip], 1.0)
        if previous is not None and rng.random() < 0.4:
            pen.line([previous, tip], 3.0)
        previous = tip
        x += rng.uniform(0.1, 0.25)
        if rng.random() < 0.2:
            pen.line([(x - 0.05, top), (x - 0.05, top + 4 * gap)], 0.7)
