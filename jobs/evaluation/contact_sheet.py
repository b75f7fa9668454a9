"""Contact sheets: pictures beside the reference that each is nearest to."""

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont, ImageOps

SIDE = 150
"""Pixels of the square that a picture is shown in."""

_MARGIN = 10
_CAPTION = 34
_COLUMNS = 5
_PAPER, _INK, _QUIET, _ALARM = "#ffffff", "#1f2937", "#9ca3af", "#dc2626"


@dataclass(frozen=True, slots=True)
class Pair:
    """One cell of a sheet; a picture that cannot be shown is None.

    Attributes:
        caption: lines under the two pictures.
        is_wrong: whether it is marked as a mistake.
    """

    picture: Image.Image | None
    reference: Image.Image | None
    caption: Sequence[str]
    is_wrong: bool


def contact_sheet(title: str, pairs: Sequence[Pair]) -> Image.Image:
    """One picture that shows `pairs` in rows, in their order."""
    width, height = 2 * SIDE + 3 * _MARGIN, SIDE + _CAPTION + 2 * _MARGIN
    columns = max(1, min(_COLUMNS, len(pairs)))
    rows = -(-len(pairs) // columns)
    top = 40
    sheet = Image.new("RGB", (max(columns * width, 660), top + rows * height), _PAPER)
    draw = ImageDraw.Draw(sheet)
    draw.text((_MARGIN, _MARGIN), title, fill=_INK, font=ImageFont.load_default(18))
    small = ImageFont.load_default(12)
    for place, pair in enumerate(pairs):
        left = place % columns * width + _MARGIN
        upper = top + place // columns * height
        for offset, image in ((0, pair.picture), (SIDE + _MARGIN, pair.reference)):
            _paste(sheet, image, left + offset, upper)
        if pair.is_wrong:
            box = (left - 4, upper - 4, left + 2 * SIDE + _MARGIN + 3, upper + SIDE + 3)
            draw.rectangle(box, outline=_ALARM, width=2)
        for line, text in enumerate(pair.caption):
            colour = _ALARM if pair.is_wrong and line == 0 else _INK
            shown = _shorten(text, small, 2 * SIDE)
            draw.text((left, upper + SIDE + 4 + 15 * line), shown, fill=colour, font=small)
    return sheet


def _paste(sheet: Image.Image, image: Image.Image | None, left: int, upper: int) -> None:
    if image is None:
        ImageDraw.Draw(sheet).rectangle(
            (left, upper, left + SIDE - 1, upper + SIDE - 1), outline=_QUIET
        )
        return
    small = ImageOps.contain(image, (SIDE, SIDE))
    sheet.paste(small, (left + (SIDE - small.width) // 2, upper + (SIDE - small.height) // 2))


def _shorten(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> str:
    """`text` from its end, which tells files apart, as far as it fits."""
    while font.getlength(text) > width:
        text = "…" + text[2:]
    return text
