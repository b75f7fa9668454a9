"""Lays out pictures that say absence and pictures of the same look that do not."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from benchmarks.laid_out.catalogue import Catalogue, Icons
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


PLAN: Mapping[Painter, int] = {
    notice: 7_000,
    absent_icon: 9_000,
    text: 7_500,
    brand: 3_500,
    coloured: 3_500,
    lockup: 3_500,
    over_photograph: 4_000,
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
