"""Lays out pictures that say absence and pictures of the same look that do not."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from benchmarks.laid_out.catalogue import Catalogue, Icons
from benchmarks.laid_out.figures import mark_absent, portrait, shaded
from benchmarks.laid_out.sheets import (
    Colour,
    ground,
    ink_on,
    lay,
    middle,
    plate,
    sheet,
    write,
)
from benchmarks.laid_out.words import Words, absence, other
from nophoto.models.vocabulary import Kind

_CAPTIONED = 0.35
_SMALLEST_CAPTIONED = 90
_LONGEST_NAME = 24


@dataclass(frozen=True, slots=True)
class Sources:
    """What pictures are laid out of.

    Attributes:
        catalogue: of icons.
        photographs: paths of real pictures that words are written over.
    """

    catalogue: Catalogue
    photographs: Sequence[Path]


Painter = Callable[[Random, Sources], tuple[Image.Image, str]]
"""Paints a picture, RGB, and tells in which folder it belongs."""


def notice(rng: Random, _: Sources) -> tuple[Image.Image, str]:
    """Words of absence alone."""
    image, paper = sheet(rng, grey=0.4)
    _text(rng, image, absence(rng), ink_on(rng, paper))
    return image, f"placeholders/{Kind.NOTICE}"


def text(rng: Random, _: Sources) -> tuple[Image.Image, str]:
    """Other words alone, in the same look."""
    image, paper = sheet(rng, grey=0.4)
    _text(rng, image, other(rng), ink_on(rng, paper), "center" if rng.random() < 0.75 else "left")
    if rng.random() < 0.2:
        box = middle((0.5, 0.86, 0.7, 0.12), image)
        write(rng, image, box, other(rng), ink_on(rng, paper))
    return image, "real/text"


def absent_icon(rng: Random, sources: Sources) -> tuple[Image.Image, str]:
    """An icon that placeholders show, at times with words of absence."""
    absent = sources.catalogue.absent
    kind = rng.choices(list(absent), [4, 3, 3, 1])[0]
    contrast = 0.35 if rng.random() < 0.6 else 0.7
    image = _icon(rng, sources.catalogue, absent[kind], absence, contrast)
    return image, f"placeholders/{kind}"


def brand(rng: Random, sources: Sources) -> tuple[Image.Image, str]:
    """A mark of a company or product."""
    image = _icon(rng, sources.catalogue, sources.catalogue.brands, other, square=0.5)
    return image, "real/brand"


def coloured(rng: Random, sources: Sources) -> tuple[Image.Image, str]:
    """An emoji, a flag, an icon in many colours."""
    words = other if rng.random() < 0.4 else None
    image = _icon(rng, sources.catalogue, sources.catalogue.coloured, words)
    return image, "real/coloured"


def lockup(rng: Random, sources: Sources) -> tuple[Image.Image, str]:
    """The logo of a company: a mark beside or above a name."""
    image, paper = sheet(rng, 0.25, 0.7)
    width, height = image.size
    ink, chance = ink_on(rng, paper, 0.7), rng.random()
    catalogue = sources.catalogue
    marks = catalogue.brands if chance < 0.5 else catalogue.others
    if chance >= 0.85:
        marks = catalogue.coloured
    name, fonts = other(rng)
    words = (name[:_LONGEST_NAME], fonts)
    mark = _drawn(rng, catalogue, marks, ink, min(height * 0.5, width * 0.25))
    if width >= height * 1.2 or rng.random() < 0.5:
        lay(rng, image, mark, 0.1 + mark.width / 2 / width, 0.5)
        left = 0.15 * width + mark.width
        colour = ink if rng.random() < 0.7 else ink_on(rng, paper, 0.6)
        box = (left, height * 0.3, max(1, width * 0.93 - left), height * 0.4)
        write(rng, image, box, words, colour, align="left")
    else:
        lay(rng, image, mark, 0.5, 0.36)
        write(rng, image, middle((0.5, 0.75, 0.8, 0.18), image), words, ink)
    return image, "real/lockup"


def over_photograph(rng: Random, sources: Sources) -> tuple[Image.Image, str]:
    """Words over a photograph, blurred or faded as a rule; of absence half of the time."""
    with Image.open(rng.choice(sources.photographs)) as opened:
        image = opened.convert("RGB")
    image.thumbnail((400, 400))
    says_absence = rng.random() < 0.5
    if rng.random() < 0.5:
        image = image.filter(ImageFilter.GaussianBlur(rng.uniform(1, 6)))
    if rng.random() < 0.6:
        tone = rng.choice([0, 255, 128])
        veil = Image.new("RGB", image.size, (tone, tone, tone))
        image = Image.blend(image, veil, rng.uniform(0.3, 0.75))
    if rng.random() < 0.3:
        image = image.convert("L").convert("RGB")
    name, fonts = (absence if says_absence else other)(rng)
    share = (0.5, rng.choice([0.5, 0.5, 0.5, 0.25, 0.8]), rng.uniform(0.5, 0.95))
    box = middle((*share, rng.uniform(0.12, 0.4)), image)
    top, bottom = round(box[1]), round(box[1] + box[3])
    if rng.random() < 0.3:
        ImageDraw.Draw(image).rectangle((0, top, image.width, bottom), fill=ground(rng, 0.7))
    behind = tuple(np.asarray(image)[top : bottom + 1].mean((0, 1)))
    lines = 1 if image.width > image.height else 2
    write(rng, image, box, (name[:60], fonts), ink_on(rng, behind, 0.7), lines)
    return image, f"placeholders/{Kind.PHOTO}" if says_absence else "real/over-photograph"


def person(rng: Random, _: Sources) -> tuple[Image.Image, str]:
    """A person in flat colours, with no face."""
    image, paper = sheet(rng, square=0.85)
    size = min(image.size) * rng.uniform(0.5, 1)
    behind = plate(rng, image, size) if rng.random() < 0.4 else paper
    lay(rng, image, portrait(rng, round(size), behind), 0.5, rng.choice([0.5, 0.5, 0.56]))
    return image, f"placeholders/{Kind.PERSON}"


def slide(rng: Random, _: Sources) -> tuple[Image.Image, str]:
    """A title over lines of words, as slides, posters and covers have them."""
    image, paper = sheet(rng, 0.1)
    ink, line = ink_on(rng, paper, 0.7), ink_on(rng, paper, 0.6)
    left, wide = rng.uniform(0.05, 0.15), rng.uniform(0.5, 0.85)
    align = rng.choice(["left", "center"])
    top = rng.uniform(0.06, 0.4)
    high = rng.uniform(0.1, 0.25)
    boxes = [(left + wide / 2, top + high / 2, wide, high)]
    row = rng.uniform(0.04, 0.08)
    y = top + high + row
    for _line in range(rng.randint(1, 6)):
        if y > 0.93:
            break
        boxes.append((left + wide / 2, y, wide * rng.uniform(0.4, 1), row))
        y += row * rng.uniform(1.3, 2)
    for place, box in enumerate(boxes):
        colour = ink if place == 0 or rng.random() < 0.7 else line
        write(rng, image, middle(box, image), other(rng), colour, align=align)
    if rng.random() < 0.35:
        rule = round((top + high) * image.height)
        across = (left * image.width, rule, (left + wide) * image.width, rule)
        ImageDraw.Draw(image).line(across, fill=line, width=max(1, image.height // 100))
    return image, "real/slide"


def specimen(rng: Random, _: Sources) -> tuple[Image.Image, str]:
    """A few letters or an alphabet, as samples of fonts, monograms and signs show them."""
    image, paper = sheet(rng, 0.5, grey=0.4)
    ink, (_words, fonts) = ink_on(rng, paper, 0.7), other(rng)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    start = rng.randint(0, 20)
    text = rng.choice(
        [
            "Aa",
            "AaBbCc",
            "Aa Bb Cc Dd Ee Ff Gg",
            "0123456789",
            alphabet[start : start + rng.randint(1, 6)],
            " ".join(alphabet),
            "".join(rng.choice(alphabet) for _ in range(rng.randint(1, 3))),
        ]
    )
    text = text.lower() if rng.random() < 0.2 else text
    lines = rng.randint(1, 4)
    box = middle((0.5, rng.uniform(0.4, 0.6), rng.uniform(0.3, 0.95), 0.7), image)
    if rng.random() < 0.25:
        frame = rng.choice([ImageDraw.ImageDraw.ellipse, ImageDraw.ImageDraw.rectangle])
        edge = (box[0] - 2, box[1] - 2, box[0] + box[2] + 2, box[1] + box[3] + 2)
        frame(ImageDraw.Draw(image), edge, outline=ink, width=max(1, image.width // 60))
        box = (box[0] + box[2] * 0.2, box[1] + box[3] * 0.2, box[2] * 0.6, box[3] * 0.6)
    write(rng, image, box, (text, fonts), ink, lines)
    return image, "real/specimen"


PLAN: Mapping[Painter, int] = {
    notice: 9_000,
    absent_icon: 11_000,
    person: 2_500,
    text: 9_000,
    slide: 3_000,
    specimen: 2_000,
    brand: 4_000,
    coloured: 4_000,
    lockup: 4_500,
    over_photograph: 5_000,
}
"""How many pictures of each sort."""


def _text(
    rng: Random, image: Image.Image, words: Words, ink: Colour, align: str = "center"
) -> None:
    y = 0.5 if rng.random() < 0.8 else rng.uniform(0.3, 0.7)
    box = middle((0.5, y, rng.uniform(0.3, 0.92), rng.uniform(0.12, 0.6)), image)
    is_sentence = len(words[0]) > 40
    if image.width > 2 * image.height:
        lines = 3 if is_sentence else 1
    else:
        lines = rng.randint(3, 7) if is_sentence else rng.choice([1, 1, 2, 2, 3])
    write(rng, image, box, words, ink, lines, align)


def _icon(
    rng: Random,
    catalogue: Catalogue,
    icons: Icons,
    caption: Callable[[Random], Words] | None,
    contrast: float = 0.5,
    square: float = 0.6,
) -> Image.Image:
    """An icon on a ground, at times on a plate, turned, half transparent or with a caption."""
    image, paper = sheet(rng, square)
    side = min(image.size)
    said = caption if side >= _SMALLEST_CAPTIONED and rng.random() < _CAPTIONED else None
    if said:
        size = side * rng.uniform(0.3, 0.5)
    else:
        size = side * (rng.uniform(0.25, 0.85) if rng.random() < 0.85 else rng.uniform(0.1, 0.25))
    behind = plate(rng, image, size) if not said and rng.random() < 0.18 else paper
    ink = ink_on(rng, behind, contrast)
    figure = _drawn(rng, catalogue, icons, ink, size)
    if caption is absence and rng.random() < 0.1:
        figure = mark_absent(rng, figure, ink, behind)
    if rng.random() < 0.1:
        figure = shaded(rng, figure)
    is_above = rng.random() < 0.12
    y = (0.62 if is_above else 0.38) if said else min(0.6, max(0.4, rng.gauss(0.5, 0.02)))
    if rng.random() < 0.1:
        share = rng.uniform(0.3, 0.8)
        figure.putalpha(figure.getchannel("A").point(lambda level: round(level * share)))
    if rng.random() < 0.04:
        figure = figure.rotate(rng.uniform(-25, 25), Image.Resampling.BICUBIC, expand=True)
    lay(rng, image, figure, 0.5, y)
    if said:
        words, height = said(rng), rng.uniform(0.1, 0.22)
        box = middle((0.5, (0.08 if is_above else 0.7) + height / 2, 0.86, height), image)
        colour = ink if rng.random() < 0.8 else ink_on(rng, paper)
        write(rng, image, box, words, colour, 2 if len(words[0]) > 18 else 1)
    return image


def _drawn(
    rng: Random, catalogue: Catalogue, icons: Icons, ink: Colour, size: float
) -> Image.Image:
    """An icon by chance: first its set, so that large sets do not drown the others."""
    name = rng.choice(list(icons))
    colour = "#{:02x}{:02x}{:02x}".format(*(round(level) for level in ink))
    return catalogue.drawn(name, rng.choice(icons[name]), colour, max(8, round(size)))
