"""Covers that somebody made: books, records, films, with a title, a name and a picture."""

from numpy.random import Generator
from PIL import Image, ImageDraw

from nophoto.models.vision.distractors.artwork import artwork
from nophoto.models.vision.distractors.lettering import brand, headline, name, price, quote
from nophoto.models.vision.distractors.sheet import Sheet, colour, grey
from nophoto.models.vision.drawing.typography import write

_LIGHT, _DARK = (250, 248, 240), (15, 15, 20)


def book_cover(rng: Generator) -> Image.Image:
    """A title above, a name below, and a picture over all or a part of the cover."""
    sheet = Sheet.blank(rng, colour(rng, 0.6, 0.7), float(rng.choice([0.62, 0.67, 0.75])))
    width, height = sheet.image.size
    if rng.random() < 0.6:
        sheet.image.paste(artwork(rng, sheet.image.size))
    else:
        top = round(height * rng.uniform(0.25, 0.4))
        part = (round(width * rng.uniform(0.6, 1.0)), round(height * rng.uniform(0.35, 0.5)))
        sheet.image.paste(artwork(rng, part), ((width - part[0]) // 2, top))
    ink = _LIGHT if rng.random() < 0.7 else _DARK
    if rng.random() < 0.35:
        band = _DARK if ink == _LIGHT else _LIGHT
        sheet.draw.rectangle((0, height * 0.06, width, height * 0.3), band)
    title_box = (width * 0.08, height * 0.08, width * 0.84, height * 0.2)
    write(sheet.draw, title_box, headline(rng), ink, rng, lines=2)
    write(sheet.draw, (width * 0.2, height * 0.87, width * 0.6, height * 0.06), name(rng), ink, rng)
    if rng.random() < 0.4:
        line = (width * 0.15, height * 0.31, width * 0.7, height * 0.05)
        write(sheet.draw, line, quote(rng), ink, rng)
    if rng.random() < 0.2:
        sheet.draw.rectangle((0, 0, width * 0.05, height), _DARK)
    return sheet.image


def album_cover(rng: Generator) -> Image.Image:
    """A square picture with the name of a band, large or small, or a record's label."""
    sheet = Sheet.blank(rng, colour(rng, 0.6, 0.6), 1.0)
    side = sheet.width
    if rng.random() < 0.25:
        return _record_label(sheet, rng)
    margin = round(side * float(rng.choice([0.0, 0.0, 0.08, 0.15])))
    inner = side - 2 * margin
    sheet.image.paste(artwork(rng, (inner, inner)), (margin, margin))
    ink = (_LIGHT, _DARK, colour(rng, 0.8, 1.0))[int(rng.integers(3))]
    if rng.random() < 0.85:
        y, size = float(rng.choice([0.06, 0.4, 0.75])), rng.uniform(0.08, 0.2)
        write(sheet.draw, (side * 0.1, side * y, side * 0.8, side * size), brand(rng), ink, rng)
    if rng.random() < 0.6:
        box = (side * 0.1, side * 0.9, side * rng.uniform(0.3, 0.8), side * 0.06)
        write(sheet.draw, box, headline(rng), ink, rng)
    return sheet.image


def film_poster(rng: Generator) -> Image.Image:
    """A picture that fills the sheet, a title near the foot, lines of small names."""
    sheet = Sheet.blank(rng, _DARK, 0.67)
    width, height = sheet.image.size
    sheet.image.paste(artwork(rng, sheet.image.size))
    ink = _LIGHT if rng.random() < 0.8 else colour(rng, 0.9, 1.0)
    if rng.random() < 0.6:
        shade = Image.linear_gradient("L").resize((width, height // 2))
        sheet.image.paste(_DARK, (0, height - height // 2), shade)
    title = (width * 0.08, height * 0.66, width * 0.84, height * 0.14)
    write(sheet.draw, title, headline(rng), ink, rng, lines=2)
    for line in range(int(rng.integers(1, 4))):
        sheet.text(width * 0.12, height * (0.84 + 0.035 * line), width * 0.76, 11, ink)
    for place in range(int(rng.integers(0, 4))):
        box = (width * (0.05 + 0.24 * place), height * 0.03, width * 0.2, height * 0.025)
        write(sheet.draw, box, name(rng), ink, rng)
    return sheet.image


def flyer(rng: Generator) -> Image.Image:
    """An advertisement: headline, picture, a price in a star or a disc, lines, an address."""
    sheet = Sheet.blank(rng, colour(rng, 0.4, 0.95) if rng.random() < 0.6 else grey(rng, 235, 255))
    width, height = sheet.image.size
    ink = colour(rng, 0.9, 0.4) if rng.random() < 0.7 else _DARK
    write(
        sheet.draw,
        (width * 0.06, height * 0.05, width * 0.88, height * 0.2),
        headline(rng),
        ink,
        rng,
    )
    part = (round(width * rng.uniform(0.5, 0.88)), round(height * 0.36))
    sheet.image.paste(artwork(rng, part), (round(width * 0.06), round(height * 0.29)))
    if rng.random() < 0.75:
        r = min(sheet.image.size) * rng.uniform(0.12, 0.2)
        x, y = width * rng.uniform(0.7, 0.85), height * rng.uniform(0.35, 0.7)
        burst = colour(rng, 0.95, 0.95)
        points = int(rng.integers(8, 20))
        if rng.random() < 0.5:
            sheet.draw.regular_polygon((x, y, r), points, 0, burst)
        else:
            sheet.draw.ellipse((x - r, y - r, x + r, y + r), burst)
        write(sheet.draw, (x - r * 0.7, y - r * 0.4, r * 1.4, r * 0.8), price(rng), _LIGHT, rng)
    sheet.paragraph(width * 0.06, height * 0.7, width * 0.6, int(rng.integers(2, 5)), 15, ink)
    foot = (0, height * 0.92, width, height)
    if rng.random() < 0.6:
        sheet.draw.rectangle(foot, ink)
        sheet.text(width * 0.06, height * 0.94, width * 0.8, 14, _LIGHT)
    return sheet.image


def _record_label(sheet: Sheet, rng: Generator) -> Image.Image:
    """The middle of a record, with its hole, names and lines."""
    side = sheet.width
    ImageDraw.Draw(sheet.image).rectangle((0, 0, side, side), grey(rng, 0, 255))
    r = side * rng.uniform(0.44, 0.5)
    middle = (side / 2, side / 2)
    sheet.draw.circle(middle, r, colour(rng, 0.7, 0.8))
    if rng.random() < 0.5:
        sheet.draw.circle(middle, r * 0.8, colour(rng, 0.6, 0.9), _DARK, 3)
    ink = _DARK if rng.random() < 0.6 else _LIGHT
    write(sheet.draw, (side * 0.25, side * 0.15, side * 0.5, side * 0.12), brand(rng), ink, rng)
    write(sheet.draw, (side * 0.25, side * 0.62, side * 0.5, side * 0.08), headline(rng), ink, rng)
    write(sheet.draw, (side * 0.35, side * 0.74, side * 0.3, side * 0.05), name(rng), ink, rng)
    sheet.text(side * 0.14, side * 0.48, side * 0.2, 12, ink, words=2)
    sheet.text(side * 0.66, side * 0.48, side * 0.2, 12, ink, words=2)
    sheet.draw.circle(middle, side * 0.04, grey(rng, 0, 255))
    return sheet.image
