"""The colours of placeholder pictures: greys mostly, sometimes a brand's."""

import colorsys
from dataclasses import dataclass

from numpy.random import Generator

from nophoto.models.vision.drawing.pen import Colour


@dataclass(frozen=True)
class Palette:
    """Two colours that can be told apart, and one that stands out from both."""

    paper: Colour
    ink: Colour
    accent: Colour


def palette(rng: Generator) -> Palette:
    """A palette as platforms choose them: faint, strong, dark or coloured."""
    style = rng.choice(_STYLES, p=_WEIGHTS)
    if style == "faint":
        paper = grey(rng, 200, 255)
        ink = _shifted(paper, -int(rng.integers(30, 100)))
    elif style == "strong":
        paper = grey(rng, 225, 255)
        ink = grey(rng, 0, 110)
    elif style == "dark":
        paper = grey(rng, 0, 70)
        ink = _shifted(paper, int(rng.integers(35, 185)))
    elif style == "white-on-grey":
        paper = grey(rng, 110, 205)
        ink = grey(rng, 245, 255)
    elif style == "coloured-paper":
        paper = hue(rng, saturation=(0.25, 0.9), value=(0.35, 0.95))
        ink = grey(rng, 235, 255) if luminance(paper) < 170 else grey(rng, 20, 80)
    elif style == "coloured-ink":
        paper = grey(rng, 225, 255)
        ink = hue(rng, saturation=(0.35, 1.0), value=(0.3, 0.85))
    else:
        base = hue(rng, saturation=(0.1, 0.5), value=(0.55, 0.95))
        paper = base
        ink = _shifted(base, int(rng.choice([-1, 1])) * int(rng.integers(35, 80)))
    accent = hue(rng, saturation=(0.6, 1.0), value=(0.6, 0.95))
    return Palette(paper, ink, accent)


_STYLES = ("faint", "strong", "dark", "white-on-grey", "coloured-paper", "coloured-ink", "tone")
_WEIGHTS = (0.28, 0.18, 0.15, 0.12, 0.1, 0.1, 0.07)


def grey(rng: Generator, low: int, high: int) -> Colour:
    """A grey between two levels, at times with a cold or warm tint."""
    level = int(rng.integers(low, high + 1))
    if rng.random() < 0.6:
        return level, level, level
    tint = int(rng.integers(-10, 11))
    return _clip(level - tint), _clip(level), _clip(level + tint)


def hue(rng: Generator, saturation: tuple[float, float], value: tuple[float, float]) -> Colour:
    """A colour of any hue."""
    red, green, blue = colorsys.hsv_to_rgb(
        rng.random(), rng.uniform(*saturation), rng.uniform(*value)
    )
    return round(red * 255), round(green * 255), round(blue * 255)


def luminance(colour: Colour) -> float:
    """Rec. 601 luma, 0..255."""
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]


def blend(one: Colour, other: Colour, share: float) -> Colour:
    """The mixture of two colours with `share` of the second."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _shifted(colour: Colour, by: int) -> Colour:
    red, green, blue = (_clip(channel + by) for channel in colour)
    return red, green, blue


def _clip(value: int) -> int:
    return min(255, max(0, value))
