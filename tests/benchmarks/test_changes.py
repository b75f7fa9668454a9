"""The changes that are promised to do no harm are what their names say."""

import numpy as np
import pytest
from PIL import Image

from nophoto.models.vision.drawing import draw
from nophoto.models.vision.training.augmentation.promised import (
    COMBINED,
    SINGLE,
    TRIPLE,
    three_with,
)


def tile() -> Image.Image:
    """A grey square in the upper left of a white tile, 100 by 80."""
    image = Image.new("RGB", (100, 80), (250, 250, 250))
    image.paste((90, 90, 90), (10, 10, 50, 40))
    return image


def after(name: str, image: Image.Image | None = None) -> Image.Image:
    return SINGLE[name](image or tile(), np.random.default_rng(0))


@pytest.mark.parametrize("name", [*SINGLE, *TRIPLE])
def test_a_changed_picture_is_another_picture_and_the_same_again(name: str) -> None:
    image = draw(5).image
    change = {**SINGLE, **TRIPLE}[name]
    changed, again = (change(image, np.random.default_rng(3)) for _ in range(2))
    assert changed.mode == "RGB"
    assert changed.tobytes() == again.tobytes()
    assert changed.size != image.size or changed.tobytes() != image.tobytes()


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("resized to a quarter", (25, 20)),
        ("resized to a half", (50, 40)),
        ("resized to twice", (200, 160)),
        ("cropped by 10 %", (90, 72)),
        ("padded by 20 %, white", (120, 96)),
        ("padded by 20 %, black", (120, 96)),
        ("rotated by 8°", (100, 80)),
    ],
)
def test_sizes_change_by_what_is_promised(name: str, size: tuple[int, int]) -> None:
    assert after(name).size == size


def test_borders_have_the_colours_that_are_named() -> None:
    assert after("padded by 20 %, white").getpixel((0, 0)) == (255, 255, 255)
    assert after("padded by 20 %, black").getpixel((0, 0)) == (0, 0, 0)
    assert after("padded by 20 %, own colour").getpixel((0, 0)) == (250, 250, 250)
    assert after("rotated by -8°").getpixel((0, 79)) == (250, 250, 250)


def test_brightness_changes_by_three_tenths() -> None:
    assert after("30 % darker").getpixel((20, 20)) == (63, 63, 63)
    assert after("30 % brighter").getpixel((20, 20)) == (116, 116, 116)


def test_flips_move_the_square() -> None:
    assert after("flipped sideways").getpixel((80, 20)) == (90, 90, 90)
    assert after("flipped upside down").getpixel((20, 60)) == (90, 90, 90)


def test_a_thumbnail_among_three_has_64_pixels_unless_resized_afterwards() -> None:
    image = draw(5).image.resize((400, 300))
    sizes = [
        max(three_with("thumbnail")(image, np.random.default_rng(seed)).size) for seed in range(40)
    ]
    # Padding and enlarging come after it in some.
    assert sizes.count(64) > 10
    assert max(sizes) <= 64 * 1.4 * 4


def test_everything_that_is_promised_is_combined() -> None:
    assert len(COMBINED) == 11
