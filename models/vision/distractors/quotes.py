"""Pictures of words: quotes, memes, greetings, prices, slides."""

from numpy.random import Generator
from PIL import Image

from nophoto.models.vision.distractors.artwork import artwork, fade
from nophoto.models.vision.distractors.lettering import headline, name, price, quote
from nophoto.models.vision.distractors.sheet import Sheet, colour, grey
from nophoto.models.vision.drawing.typography import Caption, write

_WHITE, _BLACK = (255, 255, 255), (0, 0, 0)


def quotation(rng: Generator) -> Image.Image:
    """A sentence of several lines and who said it, on a colour, a fade or a picture."""
    sheet = Sheet.blank(rng, colour(rng, 0.5, 0.9), float(rng.choice([1.0, 1.0, 1.33, 0.8, 1.78])))
    width, height = sheet.image.size
    style = rng.random()
    ink = _WHITE
    if style < 0.3:
        sheet.image.paste(fade(sheet.image.size, colour(rng, 0.8, 0.7), colour(rng, 0.8, 0.5)))
    elif style < 0.5:
        picture = artwork(rng, sheet.image.size).point([level // 2 for level in range(256)] * 3)
        sheet.image.paste(picture)
    elif style < 0.75:
        sheet.image.paste(grey(rng, 235, 255), (0, 0, width, height))
        ink = _BLACK if rng.random() < 0.5 else colour(rng, 0.9, 0.4)
    box = (width * 0.1, height * 0.2, width * 0.8, height * 0.5)
    write(sheet.draw, box, quote(rng), ink, rng, lines=int(rng.integers(3, 6)))
    if rng.random() < 0.7:
        said = Caption(f"- {name(rng).text}")
        write(sheet.draw, (width * 0.5, height * 0.78, width * 0.4, height * 0.07), said, ink, rng)
    if rng.random() < 0.3:
        mark = Caption('"')
        write(
            sheet.draw, (width * 0.05, height * 0.05, width * 0.12, height * 0.14), mark, ink, rng
        )
    return sheet.image


def meme(rng: Generator) -> Image.Image:
    """A picture with strong words above and below it, or over it with an outline."""
    sheet = Sheet.blank(rng, _WHITE, float(rng.choice([1.0, 1.33, 0.8])))
    width, height = sheet.image.size
    if rng.random() < 0.5:
        top = round(height * rng.uniform(0.18, 0.3))
        sheet.image.paste(artwork(rng, (width, height - top)), (0, top))
        box = (width * 0.04, height * 0.02, width * 0.92, top - height * 0.04)
        write(sheet.draw, box, quote(rng), _BLACK, rng, lines=2)
        return sheet.image
    sheet.image.paste(artwork(rng, sheet.image.size))
    for y in (0.03, 0.82):
        words = headline(rng)
        words = Caption(words.text.upper()) if words.text.isascii() else words
        state = rng.bit_generator.state
        box = (width * 0.05, height * y, width * 0.9, height * 0.14)
        for shift in ((-3, 0), (3, 0), (0, -3), (0, 3), (0, 0)):
            rng.bit_generator.state = state  # the same font every time
            moved = (box[0] + shift[0], box[1] + shift[1], box[2], box[3])
            write(sheet.draw, moved, words, _WHITE if shift == (0, 0) else _BLACK, rng)
    return sheet.image


def greeting(rng: Generator) -> Image.Image:
    """A greeting with a border, confetti or a picture about it."""
    sheet = Sheet.blank(rng, colour(rng, 0.3, 0.97), float(rng.choice([1.0, 1.4, 0.71])))
    width, height = sheet.image.size
    ink = colour(rng, 0.9, 0.5)
    for _ in range(int(rng.integers(15, 80))):
        x, y = rng.uniform(0, 1, 2) * sheet.image.size
        r = rng.uniform(3, 14)
        if rng.random() < 0.5:
            sheet.draw.ellipse((x - r, y - r, x + r, y + r), colour(rng, 0.7, 0.95))
        else:
            turn = rng.uniform(0, 90)
            sheet.draw.regular_polygon((x, y, r), int(rng.integers(3, 6)), turn, colour(rng))
    plate = (width * 0.12, height * 0.3, width * 0.88, height * 0.7)
    sheet.draw.rounded_rectangle(plate, 20, _WHITE, ink, int(rng.integers(2, 8)))
    box = (width * 0.18, height * 0.38, width * 0.64, height * 0.24)
    write(sheet.draw, box, headline(rng), ink, rng, lines=2)
    return sheet.image


def price_sign(rng: Generator) -> Image.Image:
    """A price tag of a shop: the goods, the price large, what it was before struck out."""
    sheet = Sheet.blank(rng, colour(rng, 0.9, 0.95), float(rng.choice([1.0, 1.5, 1.8])))
    width, height = sheet.image.size
    if rng.random() < 0.5:
        sheet.draw.rectangle((0, 0, width, height * 0.28), colour(rng, 0.9, 0.6))
    write(
        sheet.draw,
        (width * 0.06, height * 0.05, width * 0.7, height * 0.18),
        headline(rng),
        _WHITE,
        rng,
    )
    ink = _BLACK if rng.random() < 0.5 else _WHITE
    write(sheet.draw, (width * 0.1, height * 0.35, width * 0.8, height * 0.4), price(rng), ink, rng)
    sheet.text(width * 0.08, height * 0.84, width * 0.5, height * 0.06, ink)
    if rng.random() < 0.5:
        box = (width * 0.7, height * 0.8, width * 0.24, height * 0.12)
        write(sheet.draw, box, price(rng), ink, rng)
        sheet.draw.line((box[0], box[1] + box[3], box[0] + box[2], box[1]), ink, 4)
    return sheet.image


def slide(rng: Generator) -> Image.Image:
    """A slide of a talk: a title, points, at times a picture beside them."""
    dark = rng.random() < 0.35
    sheet = Sheet.blank(rng, colour(rng, 0.7, 0.3) if dark else grey(rng, 240, 255), 1.78)
    width, height = sheet.image.size
    ink, accent = (_WHITE if dark else grey(rng, 10, 70)), colour(rng, 0.8, 0.8)
    if rng.random() < 0.5:
        sheet.draw.rectangle((0, 0, width, height * 0.04), accent)
    write(
        sheet.draw,
        (width * 0.06, height * 0.08, width * 0.6, height * 0.13),
        headline(rng),
        ink,
        rng,
    )
    has_picture = rng.random() < 0.5
    top, reach = height * 0.32, width * (0.5 if has_picture else 0.85)
    for _ in range(int(rng.integers(2, 6))):
        sheet.draw.circle((width * 0.075, top + 9), 5, accent)
        sheet.text(width * 0.1, top, reach - width * 0.1, 18, ink)
        top += height * 0.12
    if has_picture:
        part = (round(width * 0.36), round(height * 0.5))
        sheet.image.paste(artwork(rng, part), (round(width * 0.58), round(height * 0.3)))
    return sheet.image
