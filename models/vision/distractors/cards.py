"""Small printed matter: business cards, tickets, labels, identity cards, certificates."""

from numpy.random import Generator
from PIL import Image, ImageDraw

from nophoto.models.vision.distractors.artwork import artwork
from nophoto.models.vision.distractors.codes import bars, modules
from nophoto.models.vision.distractors.lettering import brand, headline, name, price
from nophoto.models.vision.distractors.logos import logo
from nophoto.models.vision.distractors.sheet import Colour, Sheet, colour, grey
from nophoto.models.vision.drawing.curves import regular
from nophoto.models.vision.drawing.typography import Caption, write

_WHITE, _BLACK = (255, 255, 255), (15, 15, 20)


def business_card(rng: Generator) -> Image.Image:
    """A logo, a name, a trade and an address, at times lying on a table."""
    dark = rng.random() < 0.3
    sheet = Sheet.blank(rng, colour(rng, 0.6, 0.3) if dark else grey(rng, 235, 255), 1.7)
    width, height = sheet.image.size
    ink, accent = (_WHITE if dark else grey(rng, 0, 80)), colour(rng, 0.8, 0.8)
    if rng.random() < 0.5:
        sheet.draw.rectangle((0, 0, width * rng.uniform(0.02, 0.4), height), accent)
    mark = logo(rng)
    mark.thumbnail((round(width * 0.26), round(height * 0.4)))
    sheet.image.paste(mark, (round(width * 0.06), round(height * 0.14)))
    x = width * 0.45
    write(sheet.draw, (x, height * 0.16, width * 0.48, height * 0.15), name(rng), ink, rng)
    sheet.text(x, height * 0.34, width * 0.3, 16, accent, words=2)
    sheet.paragraph(x, height * 0.55, width * 0.45, int(rng.integers(2, 5)), 15, ink)
    return _on_table(sheet.image, rng)


def ticket(rng: Generator) -> Image.Image:
    """A ticket with a stub: what it is for, where and when, a bar code."""
    sheet = Sheet.blank(rng, colour(rng, 0.5, 0.9), float(rng.choice([2.0, 2.4, 0.5])))
    width, height = sheet.image.size
    is_wide = width > height
    ink = _BLACK if rng.random() < 0.7 else colour(rng, 0.9, 0.4)
    across = (width * 0.72, 0.0) if is_wide else (0.0, height * 0.7)
    for step in range(24):  # the perforation
        share = step / 24
        x, y = (across[0], height * share) if is_wide else (width * share, across[1])
        sheet.draw.circle((x, y), 3, _WHITE)
    body = (width * 0.04, height * 0.08, width * (0.62 if is_wide else 0.92), height * 0.24)
    write(sheet.draw, body, headline(rng), ink, rng)
    for row in range(int(rng.integers(2, 5))):
        top = height * (0.4 + 0.07 * row)
        sheet.text(width * 0.05, top, width * 0.2, 14, ink, words=1)
        sheet.text(width * 0.3, top, width * 0.3, 16, ink, words=2)
    stub = (0.77, 0.1, 0.2, 0.25) if is_wide else (0.1, 0.74, 0.5, 0.08)
    box = (width * stub[0], height * stub[1], width * stub[2], height * stub[3])
    write(sheet.draw, box, price(rng), ink, rng)
    code = bars(rng, (round(width * 0.18), round(height * 0.3)))
    place = (
        (round(width * 0.78), round(height * 0.6))
        if is_wide
        else (round(width * 0.1), round(height * 0.86))
    )
    sheet.image.paste(
        code.resize(
            (code.width, min(code.height, round(height * 0.1 if not is_wide else height * 0.3)))
        ),
        place,
    )
    return _on_table(sheet.image, rng)


def label(rng: Generator) -> Image.Image:
    """A label for a parcel, a jar or a shelf: names, numbers, codes, rules between them."""
    sheet = Sheet.blank(
        rng,
        _WHITE if rng.random() < 0.7 else colour(rng, 0.4, 0.95),
        float(rng.choice([0.67, 1.0, 1.5])),
    )
    width, height = sheet.image.size
    sheet.draw.rectangle((8, 8, width - 9, height - 9), outline=_BLACK, width=4)
    write(
        sheet.draw,
        (width * 0.06, height * 0.05, width * 0.6, height * 0.12),
        brand(rng),
        _BLACK,
        rng,
    )
    write(
        sheet.draw,
        (width * 0.7, height * 0.05, width * 0.22, height * 0.12),
        price(rng),
        _BLACK,
        rng,
    )
    for y in (0.2, 0.5, 0.72):
        sheet.draw.line((8, height * y, width - 9, height * y), _BLACK, 3)
    sheet.paragraph(width * 0.06, height * 0.24, width * 0.7, int(rng.integers(2, 5)), 17, _BLACK)
    sheet.image.paste(
        bars(rng, (round(width * 0.84), round(height * 0.17))),
        (round(width * 0.08), round(height * 0.53)),
    )
    if rng.random() < 0.6:
        side = round(min(width, height) * 0.2)
        code = modules(rng, int(rng.integers(21, 30))).resize(
            (side, side), Image.Resampling.NEAREST
        )
        sheet.image.paste(code, (round(width * 0.72), round(height * 0.75)))
    sheet.paragraph(width * 0.06, height * 0.77, width * 0.6, 2, 15, _BLACK)
    return _on_table(sheet.image, rng)


def identity_card(rng: Generator) -> Image.Image:
    """A card with a picture, fields and their values over a pattern of fine lines."""
    sheet = Sheet.blank(rng, colour(rng, 0.25, 0.95), 1.58)
    width, height = sheet.image.size
    tint = colour(rng, 0.35, 0.85)
    for line in range(0, height, int(rng.integers(5, 10))):
        sheet.draw.arc(
            (-width * 0.3, line - height, width * 1.3, line + height * 0.4), 0, 180, tint
        )
    sheet.draw.rectangle((0, 0, width, height * 0.16), colour(rng, 0.8, 0.5))
    write(
        sheet.draw,
        (width * 0.05, height * 0.03, width * 0.6, height * 0.1),
        brand(rng),
        _WHITE,
        rng,
    )
    part = (round(width * 0.27), round(height * 0.56))
    sheet.image.paste(artwork(rng, part), (round(width * 0.05), round(height * 0.26)))
    top = height * 0.25
    for _ in range(int(rng.integers(3, 6))):
        sheet.text(width * 0.38, top, width * 0.2, 10, (90, 90, 110), words=1)
        box = (width * 0.38, top + 14, width * rng.uniform(0.2, 0.4), 20)
        write(sheet.draw, box, name(rng), _BLACK, rng)
        top += height * 0.14
    return _on_table(sheet.image, rng)


def certificate(rng: Generator) -> Image.Image:
    """A diploma: a border, a heading, a name, lines, a seal and signatures."""
    sheet = Sheet.blank(
        rng, (252, 248, 235) if rng.random() < 0.6 else _WHITE, float(rng.choice([1.41, 0.71]))
    )
    width, height = sheet.image.size
    accent: Colour = colour(rng, 0.7, 0.5)
    for inset, line in ((10, 8), (24, 2), (30, 1)):
        sheet.draw.rectangle(
            (inset, inset, width - inset, height - inset), outline=accent, width=line
        )
    title = Caption(
        str(rng.choice(["Certificate", "DIPLOMA", "Award of Merit", "Urkunde", "Diploma"]))
    )
    write(sheet.draw, (width * 0.2, height * 0.12, width * 0.6, height * 0.12), title, accent, rng)
    sheet.text(width * 0.3, height * 0.3, width * 0.4, 15, _BLACK)
    write(
        sheet.draw, (width * 0.2, height * 0.38, width * 0.6, height * 0.12), name(rng), _BLACK, rng
    )
    sheet.draw.line((width * 0.2, height * 0.52, width * 0.8, height * 0.52), accent, 2)
    sheet.paragraph(width * 0.2, height * 0.56, width * 0.6, 2, 14, _BLACK)
    for x in (0.15, 0.6):
        y = height * 0.82
        sheet.draw.line((width * x, y, width * (x + 0.25), y), _BLACK, 2)
        sheet.text(width * x, y + 6, width * 0.2, 11, _BLACK, words=2)
    seal = regular(
        width * 0.5, height * 0.8, min(width, height) * 0.09, 20, inner=min(width, height) * 0.075
    )
    sheet.draw.polygon(seal, (200, 60, 40) if rng.random() < 0.5 else (205, 165, 60))
    return _on_table(sheet.image, rng)


def _on_table(card: Image.Image, rng: Generator) -> Image.Image:
    """As it is, or with round corners and turned a little on a plain or shaded table."""
    if rng.random() < 0.55:
        return card
    mask = Image.new("L", card.size)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, card.width - 1, card.height - 1), 14, 255)
    slant = rng.uniform(-12, 12)
    card = card.rotate(slant, Image.Resampling.BICUBIC, expand=True)
    mask = mask.rotate(slant, Image.Resampling.BICUBIC, expand=True)
    room = round(max(card.size) * rng.uniform(0.03, 0.15))
    size = (card.width + 2 * room, card.height + 2 * room)
    table = Image.new("RGB", size, grey(rng, 60, 255))
    if rng.random() < 0.5:
        table = artwork(rng, size).point([60 + level // 3 for level in range(256)] * 3)
    table.paste(card, (room, room), mask)
    return table
