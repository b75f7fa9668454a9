"""Changes after which a copy must be known again, each at the strength that is promised."""

import io
from collections.abc import Callable, Mapping

from numpy.random import Generator
from PIL import Image, ImageEnhance, ImageOps

from nophoto.models.vision.training.augmentation import CLASSIC, PLATFORM, Change, augment
from nophoto.models.vision.training.augmentation.geometry import border_colour

Fixed = Callable[[Image.Image, Generator], Image.Image]


def jpeg(image: Image.Image, rng: Generator) -> Image.Image:  # noqa: ARG001
    """Through JPEG at quality 50."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=50)
    with Image.open(buffer) as reopened:
        return reopened.convert("RGB")


def resized(factor: float) -> Fixed:
    """Made larger or smaller by a bicubic filter."""

    def change(image: Image.Image, rng: Generator) -> Image.Image:  # noqa: ARG001
        size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
        return image.resize(size, Image.Resampling.BICUBIC)

    return change


def cropped(image: Image.Image, rng: Generator) -> Image.Image:
    """Without a tenth of width and height, taken from any edges."""
    width, height = round(image.width * 0.9), round(image.height * 0.9)
    left = int(rng.integers(image.width - width + 1))
    top = int(rng.integers(image.height - height + 1))
    return image.crop((left, top, left + width, top + height))


def padded(colour: tuple[int, int, int] | None) -> Fixed:
    """With a border of a fifth of width and height; None for the colour that the picture's has."""

    def change(image: Image.Image, rng: Generator) -> Image.Image:  # noqa: ARG001
        border = (round(image.width * 0.1), round(image.height * 0.1))
        return ImageOps.expand(image, border, colour or border_colour(image))

    return change


def rotated(degrees: float) -> Fixed:
    """Turned, the corners in the border's colour."""

    def change(image: Image.Image, rng: Generator) -> Image.Image:  # noqa: ARG001
        return image.rotate(degrees, Image.Resampling.BILINEAR, fillcolor=border_colour(image))

    return change


def brightened(factor: float) -> Fixed:
    """Darker or brighter."""

    def change(image: Image.Image, rng: Generator) -> Image.Image:  # noqa: ARG001
        return ImageEnhance.Brightness(image).enhance(factor)

    return change


def flipped(change: Change) -> Fixed:
    """Mirrored."""
    return lambda image, rng: change(image, rng, 1.0)


def watermarked(image: Image.Image, rng: Generator) -> Image.Image:
    """With a half transparent word, once or all over."""
    return PLATFORM["watermark"](image, rng, 1.0)


SINGLE: Mapping[str, Fixed] = {
    "JPEG at quality 50": jpeg,
    "resized to a quarter": resized(0.25),
    "resized to a half": resized(0.5),
    "resized to twice": resized(2.0),
    "cropped by 10 %": cropped,
    "padded by 20 %, white": padded((255, 255, 255)),
    "padded by 20 %, black": padded((0, 0, 0)),
    "padded by 20 %, own colour": padded(None),
    "flipped sideways": flipped(CLASSIC["horizontal-flip"]),
    "flipped upside down": flipped(CLASSIC["vertical-flip"]),
    "rotated by 8°": rotated(8),
    "rotated by -8°": rotated(-8),
    "30 % darker": brightened(0.7),
    "30 % brighter": brightened(1.3),
    "watermark": watermarked,
}
"""Each must leave a reference known."""

COMBINED: Mapping[str, Change] = {
    name: change
    for name, change in {**CLASSIC, **PLATFORM}.items()
    if name
    in {
        "rotation",
        "brightness",
        "horizontal-flip",
        "vertical-flip",
        "reencode",
        "resize",
        "crop",
        "pad",
        "watermark",
        "thumbnail",
        "photograph-of-screen",
    }
}
"""The same at random strengths, thumbnails of down to 64 pixels, photographs of a screen."""


def three_at_once(image: Image.Image, rng: Generator) -> Image.Image:
    """Three of `COMBINED` one after the other, at one to two times their common strengths."""
    return augment(image, rng, COMBINED, 3, float(rng.uniform(1, 2)))


def three_with(name: str) -> Fixed:
    """One of `COMBINED` at twice its strength, among two others."""

    def change(image: Image.Image, rng: Generator) -> Image.Image:
        others = {other: made for other, made in COMBINED.items() if other != name}
        place = int(rng.integers(3))
        image = augment(image, rng, others, place, float(rng.uniform(1, 2)))
        image = COMBINED[name](image, rng, 2.0)
        return augment(image, rng, others, 2 - place, float(rng.uniform(1, 2)))

    return change


TRIPLE: Mapping[str, Fixed] = {
    "three at once, up to twice as strong": three_at_once,
    "thumbnail of 64 pixels among three": three_with("thumbnail"),
    "photo of a screen among three": three_with("photograph-of-screen"),
}
"""Nearly every reference must stay known."""
