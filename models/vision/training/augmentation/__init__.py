"""Changes that leave a picture what it is: how training makes positives, and benchmarks test them.

Every change is a function of an RGB picture, a random generator and a strength: 1 is what
platforms and people commonly do, 2 is twice as much. Sizes may change; RGB stays RGB.
"""

from collections.abc import Callable, Mapping

from numpy.random import Generator
from PIL import Image

from nophoto.models.vision.training.augmentation.geometry import (
    crop,
    height_shift,
    horizontal_flip,
    pad,
    rotation,
    shear,
    vertical_flip,
    width_shift,
    zoom,
)
from nophoto.models.vision.training.augmentation.platforms import (
    reencode,
    resize,
    thumbnail,
    watermark,
)
from nophoto.models.vision.training.augmentation.screens import photograph_of_screen
from nophoto.models.vision.training.augmentation.tones import brightness, contrast, tint

__all__ = ["CLASSIC", "PLATFORM", "Change", "augment", "classic"]

Change = Callable[[Image.Image, Generator, float], Image.Image]

CLASSIC: Mapping[str, Change] = {
    "rotation": rotation,
    "width-shift": width_shift,
    "height-shift": height_shift,
    "brightness": brightness,
    "shear": shear,
    "zoom": zoom,
    "horizontal-flip": horizontal_flip,
    "vertical-flip": vertical_flip,
}
"""The eight augmentations of the baseline recipe."""

PLATFORM: Mapping[str, Change] = {
    "reencode": reencode,
    "resize": resize,
    "crop": crop,
    "pad": pad,
    "watermark": watermark,
    "thumbnail": thumbnail,
    "contrast": contrast,
    "tint": tint,
    "photograph-of-screen": photograph_of_screen,
}
"""What platforms, and people with a screen before them, do to pictures."""


def classic(image: Image.Image, rng: Generator) -> Image.Image:
    """The picture after the eight augmentations of the baseline, each by chance, flips by half.

    So Keras's `ImageDataGenerator` applies them.
    """
    for name, change in CLASSIC.items():
        if not name.endswith("flip") or rng.random() < 0.5:
            image = change(image, rng, 1.0)
    return image


def augment(
    image: Image.Image,
    rng: Generator,
    changes: Mapping[str, Change],
    count: int,
    strength: float = 1.0,
) -> Image.Image:
    """The picture after `count` different changes, drawn from `changes` and in random order."""
    names = list(changes)
    for place in rng.permutation(len(names))[:count]:
        image = changes[names[place]](image, rng, strength)
    return image
