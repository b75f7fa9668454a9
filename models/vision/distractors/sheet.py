"""What all distractors are drawn with: a sheet of paper or screen, text, colours."""

import colorsys
from dataclasses import dataclass

from numpy.random import Generator
from PIL import Image, ImageDraw

from nophoto.models.vision.drawing.typography import Caption, write

Colour = tuple[int, int, int]

_SYLLABLES = (
    *("ka", "lo", "mi", "ren", "tor", "vel", "as", "in", "qui", "dor", "pa", "ste", "num"),
    *("ora", "tis", "be", "lu", "gran", "ce", "po", "ri", "ta", "ven", "sol", "me", "an"),
)

ASPECTS = (0.71, 0.75, 1.0, 1.33, 1.5, 1.78)


@dataclass
class Sheet:
    """A picture being drawn, in pixels of its own size.

    Attributes:
        image: RGB.
        rng: where its chances come from.
    """

    image: Image.Image
    rng: Generator

    @classmethod
    def blank(cls, rng: Generator, colour: Colour, aspect: float | None = None) -> "Sheet":
        """A sheet of one colour, 640 pixels on its longest side."""
        ratio = aspect or float(rng.choice(ASPECTS))
        size = (640, round(640 / ratio)) if ratio >= 1 else (round(640 * ratio), 640)
        return cls(Image.new("RGB", size, colour), rng)

    @property
    def draw(self) -> ImageDraw.ImageDraw:
        """A drawing surface on the picture."""
        return ImageDraw.Draw(self.image)

    @property
    def width(self) -> int:
        """In pixels."""
        return self.image.width

    @property
    def height(self) -> int:
        """In pixels."""
        return self.image.height

    def text(
        self, left: float, top: float, width: float, size: float, ink: Colour, *, words: int = 0
    ) -> float:
        """Write made-up words on one line and return where they end.

        Args:
            left: where the line begins, in pixels.
            top: of the line, in pixels.
            width: which the line may fill, in pixels.
            size: of the type, in pixels.
            ink: its colour.
            words: how many; 0 fills the line.
        """
        count = words or max(1, round(width / size / 3.2))
        phrase = " ".join(self.word() for _ in range(count))
        length = min(width, len(phrase) * size * 0.52)
        box = (left, top, length, size)
        write(self.draw, box, Caption(phrase, ("NotoSans-Regular",)), ink, self.rng)
        return left + length

    def word(self) -> str:
        """A word of no language, or a number."""
        if self.rng.random() < 0.12:
            return f"{self.rng.uniform(0, 900):.2f}"
        count = int(self.rng.integers(1, 4))
        word = "".join(_SYLLABLES[int(i)] for i in self.rng.integers(0, len(_SYLLABLES), count))
        return word.capitalize() if self.rng.random() < 0.2 else word

    def paragraph(
        self, left: float, top: float, width: float, lines: int, size: float, ink: Colour
    ) -> float:
        """Write lines of words, the last one shorter, and return where the next begins."""
        for line in range(lines):
            share = 1.0 if line < lines - 1 else self.rng.uniform(0.2, 0.9)
            self.text(left, top, width * share, size, ink)
            top += size * 1.5
        return top


def colour(rng: Generator, saturation: float = 0.65, value: float = 0.8) -> Colour:
    """Any hue, about as strong and as light as asked for."""
    red, green, blue = colorsys.hsv_to_rgb(
        rng.random(),
        min(1.0, saturation * rng.uniform(0.6, 1.3)),
        min(1.0, value * rng.uniform(0.7, 1.2)),
    )
    return (round(red * 255), round(green * 255), round(blue * 255))


def grey(rng: Generator, low: int, high: int) -> Colour:
    """A grey between two levels."""
    level = int(rng.integers(low, high + 1))
    return (level, level, level)
