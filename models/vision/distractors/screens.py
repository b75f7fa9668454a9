"""Screenshots: windows, web pages, code, spreadsheets."""

from numpy.random import Generator
from PIL import Image

from nophoto.models.vision.distractors.sheet import Sheet, colour, grey


def window(rng: Generator) -> Image.Image:
    """A dialogue or a part of an application: fields, buttons, menus, lists."""
    sheet = Sheet.blank(rng, grey(rng, 235, 255))
    ink, accent = grey(rng, 20, 90), colour(rng, 0.8, 0.75)
    size = rng.uniform(11, 26)
    top, left = size, size
    if rng.random() < 0.5:
        sheet.draw.rectangle((0, 0, sheet.width, size * 2), accent)
        sheet.text(size, size * 0.5, sheet.width * 0.4, size, (255, 255, 255), words=2)
        top = size * 3
    while top < sheet.height - 3 * size:
        style = rng.integers(5)
        if style == 0:
            width = rng.uniform(0.15, 0.35) * sheet.width
            sheet.draw.rounded_rectangle((left, top, left + width, top + size * 2), 5, accent)
            sheet.text(
                left + size / 2, top + size / 2, width - size, size, (255, 255, 255), words=1
            )
        elif style == 1:
            sheet.text(left, top, sheet.width * 0.25, size, ink, words=1)
            box = (sheet.width * 0.35, top, sheet.width * 0.9, top + size * 1.7)
            sheet.draw.rounded_rectangle(box, 3, (255, 255, 255), grey(rng, 150, 210))
        elif style == 2:
            for _ in range(int(rng.integers(2, 5))):
                sheet.draw.line((0, top, sheet.width, top), grey(rng, 205, 230))
                sheet.draw.ellipse((left, top + size / 2, left + size, top + size * 1.5), ink)
                sheet.text(left + size * 2, top + size / 2, sheet.width * 0.5, size, ink, words=2)
                top += size * 2.2
        elif style == 3:
            top = sheet.paragraph(left, top, sheet.width * 0.85, 2, size, ink)
        else:
            sheet.text(left, top, sheet.width * 0.6, size * 1.5, ink, words=2)
        top += size * 2.8
    return sheet.image


def web_page(rng: Generator) -> Image.Image:
    """A page with a bar, a menu, headings, text, and pictures in a grid."""
    sheet = Sheet.blank(rng, grey(rng, 245, 255), float(rng.choice([0.75, 1.33, 1.6, 1.78])))
    ink, accent = grey(rng, 20, 70), colour(rng)
    sheet.draw.rectangle((0, 0, sheet.width, 42), accent if rng.random() < 0.6 else ink)
    for place in range(5):
        sheet.text(200 + place * 80, 15, 60, 12, (255, 255, 255), words=1)
    start = 20.0
    if rng.random() < 0.5:
        sheet.draw.rectangle((0, 42, 140, sheet.height), grey(rng, 225, 245))
        for row in range(8):
            sheet.text(14, 64 + row * 28, 100, 12, ink, words=1)
        start = 165.0
    top, width = 62.0, sheet.width - start - 20
    sheet.text(start, top, width * 0.6, 24, ink, words=2)
    top = sheet.paragraph(start, top + 40, width, int(rng.integers(1, 4)), 12, ink) + 14
    columns = int(rng.integers(2, 5))
    step = width / columns
    while top < sheet.height - 40:
        for column in range(columns):
            x = start + column * step
            sheet.draw.rectangle((x, top, x + step - 14, top + step * 0.6), colour(rng, 0.4, 0.9))
            sheet.text(x, top + step * 0.6 + 8, step * 0.8, 12, ink, words=2)
        top += step * 0.6 + 46
    return sheet.image


def code(rng: Generator) -> Image.Image:
    """Lines of a program or of a terminal, indented and in colours."""
    dark = rng.random() < 0.7
    sheet = Sheet.blank(rng, grey(rng, 10, 45) if dark else grey(rng, 245, 255), 1.5)
    size = rng.uniform(10, 17)
    inks = [colour(rng, 0.5, 0.9 if dark else 0.5) for _ in range(4)]
    inks.append(grey(rng, 190, 235) if dark else grey(rng, 10, 60))
    top, indent = size, 0
    while top < sheet.height - size:
        indent = max(0, min(6, indent + int(rng.integers(-1, 2))))
        left = size * 2 + indent * size * 2
        for _ in range(int(rng.integers(0, 7))):
            left = sheet.text(left, top, 120, size, inks[int(rng.integers(5))], words=1) + size
            if left > sheet.width * 0.85:
                break
        top += size * 1.5
    return sheet.image


def spreadsheet(rng: Generator) -> Image.Image:
    """A table with a head, rules and numbers."""
    sheet = Sheet.blank(rng, (255, 255, 255), float(rng.choice([1.0, 1.33, 1.78])))
    ink, rule = grey(rng, 10, 70), grey(rng, 195, 225)
    row, columns = rng.uniform(18, 36), int(rng.integers(3, 9))
    step = sheet.width / columns
    sheet.draw.rectangle((0, 0, sheet.width, row), colour(rng, 0.4, 0.9))
    top, odd = 0.0, rng.random() < 0.5
    while top < sheet.height:
        if odd and round(top / row) % 2:
            sheet.draw.rectangle((0, top, sheet.width, top + row), grey(rng, 238, 246))
        for column in range(columns):
            if rng.random() < 0.85:
                sheet.text(column * step + 6, top + row * 0.25, step - 12, row * 0.45, ink, words=1)
        sheet.draw.line((0, top, sheet.width, top), rule)
        top += row
    for column in range(columns):
        sheet.draw.line((column * step, 0, column * step, sheet.height), rule)
    return sheet.image
