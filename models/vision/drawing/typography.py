"""Sets captions: line breaks, sizes that fit, and scripts that need shaping."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from numpy.random import Generator
from PIL import ImageDraw, ImageFont, features

from nophoto.models.errors import NophotoError
from nophoto.models.vision.drawing.pen import Ink
from nophoto.models.vision.drawing.phrases import LANGUAGES, LATIN, WESTERN

_FONTS = Path(__file__).with_name("fonts")
_LEADING = 0.25
"""Space between lines, as a share of the type size."""

_TRIAL = 64
"""The type size, in pixels, at which a text is measured."""


class ShapingError(NophotoError):
    """Pillow cannot shape Arabic, Hebrew, Devanagari, Thai and their like here."""


@dataclass(frozen=True)
class Caption:
    """A text, the fonts that can show it, and the language it is in."""

    text: str
    fonts: Sequence[str] = LATIN
    language: str = "en"


def caption(rng: Generator, language: str | None = None) -> Caption:
    """A phrase of a language; of any where none is given, half of the time English."""
    if language is None:
        codes = list(LANGUAGES)
        language = "en" if rng.random() < 0.5 else codes[int(rng.integers(len(codes)))]
    chosen = LANGUAGES[language]
    text = chosen.phrases[int(rng.integers(len(chosen.phrases)))]
    if chosen.fonts in (LATIN, WESTERN) and rng.random() < 0.3:
        text = text.upper()
    return Caption(text, chosen.fonts, language)


def write(
    draw: ImageDraw.ImageDraw,
    box: tuple[float, float, float, float],
    words: Caption,
    ink: Ink,
    rng: Generator,
    *,
    lines: int = 1,
) -> None:
    """Write a caption centred in a box, as large as it fits on at most so many lines.

    Args:
        draw: the drawing surface.
        box: left, top, width and height in pixels.
        words: what to write.
        ink: colour, or tone on a single-channel surface.
        rng: chooses the font.
        lines: the most lines to break the text into.

    Raises:
        ShapingError: if the script needs a shaping library that Pillow does not find.

    """
    left, top, width, height = box
    stem = words.fonts[int(rng.integers(len(words.fonts)))]
    text = _broken(words.text, lines)
    engine = _layout_engine(text)
    inked = draw.multiline_textbbox(
        (0, 0), text, font=_font(stem, _TRIAL, engine), anchor="mm", spacing=_TRIAL * _LEADING
    )
    fit = min(width / (inked[2] - inked[0]), height / (inked[3] - inked[1]))
    # Letters and line heights are rounded to whole pixels: a little less is sure to fit.
    size = max(1, int(0.97 * fit * _TRIAL))
    # The anchor is the middle of the lines; accents and descenders put the ink's elsewhere.
    shift_x, shift_y = ((inked[i] + inked[i + 2]) / 2 * size / _TRIAL for i in (0, 1))
    draw.multiline_text(
        (left + width / 2 - shift_x, top + height / 2 - shift_y),
        text,
        fill=ink,
        font=_font(stem, size, engine),
        anchor="mm",
        align="center",
        spacing=size * _LEADING,
    )


def _broken(text: str, lines: int) -> str:
    words = text.split(" ")
    target = len(text) / min(lines, len(words))
    result = [words[0]]
    for word in words[1:]:
        is_full = len(result[-1]) + len(word) / 2 > target
        if is_full and len(result) < lines:
            result.append(word)
        else:
            result[-1] += f" {word}"
    return "\n".join(result)


@lru_cache(maxsize=512)
def _font(stem: str, size: int, engine: ImageFont.Layout) -> ImageFont.FreeTypeFont:
    path = next(_FONTS.glob(f"{stem}.[ot]tf"))
    return ImageFont.truetype(path, size, layout_engine=engine)


def _layout_engine(text: str) -> ImageFont.Layout:
    """Raqm where the script needs it, and only there: both engines space other scripts unlike."""
    if not any("\u0590" <= letter <= "\u0fff" for letter in text):
        return ImageFont.Layout.BASIC
    if not features.check("raqm"):
        raise ShapingError(
            f"Pillow cannot shape {text!r}: it finds no FriBiDi library. Install it (Debian: "
            "`apt install libfribidi0`) and draw again"
        )
    return ImageFont.Layout.RAQM
