"""Written and printed paper: letters, receipts, forms."""

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageFilter

from nophoto.models.vision.distractors.sheet import Sheet, grey


def document(rng: Generator) -> Image.Image:
    """A page of text: headings, paragraphs, one or two columns; printed, scanned or on a screen."""
    sheet = Sheet.blank(rng, grey(rng, 235, 255), float(rng.choice([0.71, 0.77, 1.0, 1.33])))
    ink, size = grey(rng, 0, 90), rng.uniform(9, 20)
    margin = rng.uniform(0.04, 0.12) * sheet.width
    columns = int(rng.integers(1, 3))
    width = (sheet.width - margin * (columns + 1)) / columns
    for column in range(columns):
        top, left = margin, margin + column * (width + margin)
        while top < sheet.height - margin - 3 * size:
            if rng.random() < 0.3:
                sheet.text(left, top, width * 0.7, size * 1.6, ink, words=int(rng.integers(1, 4)))
                top += size * 2.6
            lines = min(int(rng.integers(2, 8)), int((sheet.height - margin - top) / size / 1.5))
            top = sheet.paragraph(left, top, width, max(1, lines), size, ink) + size
            if rng.random() < 0.1:
                break
    return _scanned(sheet.image, rng) if rng.random() < 0.5 else sheet.image


def receipt(rng: Generator) -> Image.Image:
    """A till receipt: a head, items with prices, a total."""
    sheet = Sheet.blank(rng, grey(rng, 225, 255), rng.uniform(0.35, 0.6))
    ink, size = grey(rng, 20, 110), sheet.width * rng.uniform(0.03, 0.05)
    top = size
    for _ in range(int(rng.integers(2, 5))):
        sheet.text(sheet.width * 0.25, top, sheet.width * 0.5, size * 1.2, ink)
        top += size * 1.8
    while top < sheet.height - 5 * size:
        sheet.text(sheet.width * 0.06, top, sheet.width * rng.uniform(0.25, 0.6), size, ink)
        sheet.text(sheet.width * 0.8, top, sheet.width * 0.14, size, ink, words=1)
        top += size * rng.uniform(1.4, 1.9)
        if rng.random() < 0.1:
            sheet.draw.line((sheet.width * 0.05, top, sheet.width * 0.95, top), ink)
            top += size
    return _scanned(sheet.image, rng)


def form(rng: Generator) -> Image.Image:
    """A form: labels, boxes to fill in, some of them filled in by hand."""
    sheet = Sheet.blank(rng, grey(rng, 240, 255), float(rng.choice([0.71, 0.77, 1.33])))
    ink, size = grey(rng, 0, 80), rng.uniform(10, 16)
    top = size * 2
    sheet.text(size * 3, top, sheet.width * 0.6, size * 1.8, ink, words=3)
    top += size * 4
    while top < sheet.height - 4 * size:
        for left in (0.06, 0.54) if rng.random() < 0.5 else (0.06,):
            x, width = left * sheet.width, 0.4 * sheet.width
            sheet.text(x, top, width * 0.5, size, ink, words=2)
            box = (x, top + size * 1.3, x + width, top + size * 3)
            sheet.draw.rectangle(box, outline=ink)
            if rng.random() < 0.5:
                _handwriting(sheet, box, rng)
        top += size * 4
    return _scanned(sheet.image, rng) if rng.random() < 0.5 else sheet.image


def _handwriting(sheet: Sheet, box: tuple[float, float, float, float], rng: Generator) -> None:
    left, top, right, bottom = box
    steps = np.linspace(0, rng.uniform(0.3, 0.9), 40)
    x = left + 4 + steps * (right - left - 8)
    y = (top + bottom) / 2 + np.cumsum(rng.normal(0, 1, 40)) % (bottom - top) * 0.5 - 4
    sheet.draw.line(list(zip(x.tolist(), y.tolist(), strict=True)), (20, 30, 120), 2)


def _scanned(image: Image.Image, rng: Generator) -> Image.Image:
    """The paper as a camera or scanner sees it: turned a little, unevenly lit, on some table."""
    table = grey(rng, 20, 250)
    if rng.random() < 0.5:
        image = image.rotate(rng.uniform(-6, 6), Image.Resampling.BILINEAR, True, fillcolor=table)
    pixels = np.asarray(image, np.float32)
    height, width = pixels.shape[:2]
    slope = rng.uniform(-0.25, 0.25, 2)
    light = 1 + slope[0] * np.linspace(-0.5, 0.5, width)[None, :, None]
    light = light + slope[1] * np.linspace(-0.5, 0.5, height)[:, None, None]
    noise = rng.normal(0, rng.uniform(1, 7), (height, width, 1))
    toned = pixels * light * rng.uniform(0.75, 1.0, 3) + noise
    scan = Image.fromarray(np.clip(toned, 0, 255).astype(np.uint8))
    return scan.filter(ImageFilter.GaussianBlur(rng.uniform(0, 1.2)))
