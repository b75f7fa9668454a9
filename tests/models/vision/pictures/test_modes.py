from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from nophoto.models.vision.pictures.modes import to_rgb
from nophoto.models.vision.pictures.prepare import load

RAMP = np.linspace(0, 255, 64).round().astype(np.uint8)
GREY = np.tile(RAMP, (64, 1))


def test_sixteen_bits_keep_the_high_eight(
    png: Callable[..., bytes], tiff: Callable[..., bytes]
) -> None:
    deep = Image.fromarray(GREY.astype(np.uint16) * 257)
    for data in (png(deep), tiff(deep), tiff(deep, compression="tiff_lzw")):
        assert np.array_equal(load(data, 64)[:, :, 1], GREY)


def test_big_endian_sixteen_bits_are_the_same_picture() -> None:
    deep = Image.fromarray((GREY.astype(">u2") * 257).astype(">u2"))
    assert deep.mode == "I;16B"
    assert np.array_equal(np.asarray(to_rgb(deep, 64))[:, :, 0], GREY)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (GREY.astype(np.float32) / 255, GREY),
        (GREY.astype(np.float32), GREY),
        (GREY.astype(np.float32) * 40 - 3000, GREY),
        (GREY.astype(np.int32), GREY),
        (GREY.astype(np.int32) * 257, GREY),
        (GREY.astype(np.int32) * 100_000 - 7, GREY),
    ],
    ids=["unit float", "byte float", "other float", "byte int", "16-bit int", "other int"],
)
def test_deep_pictures_are_read_by_their_range(
    tiff: Callable[..., bytes], values: np.ndarray, expected: np.ndarray
) -> None:
    assert np.abs(load(tiff(Image.fromarray(values)), 64)[:, :, 0].astype(int) - expected).max() < 2


@pytest.mark.parametrize("value", [-5.0, 0.0, 0.5, 1e30, float("nan"), float("inf")])
def test_a_deep_picture_of_one_value_is_a_plain_tile(
    tiff: Callable[..., bytes], value: float
) -> None:
    pixels = load(tiff(Image.fromarray(np.full((8, 8), value, np.float32))), 24)
    assert pixels.std() == 0


def test_a_deep_picture_with_gaps_still_shows(tiff: Callable[..., bytes]) -> None:
    values = GREY.astype(np.float32)
    values[:8] = np.nan
    assert (
        np.abs(load(tiff(Image.fromarray(values)), 64)[20:, :, 0].astype(int) - GREY[20:]).max() < 2
    )


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA", "RGBA", "CMYK", "YCbCr", "LAB", "HSV"])
def test_every_mode_becomes_rgb_shrunk_or_not(mode: str) -> None:
    for size in ((40, 20), (400, 300)):
        rgb = to_rgb(Image.new(mode, size), 16)
        assert rgb.mode == "RGB"
        assert min(rgb.size) >= min(64, *size)


def test_one_bit_pictures_keep_black_and_white(png: Callable[..., bytes]) -> None:
    image = Image.new("1", (64, 64))
    image.paste(1, (32, 0, 64, 64))
    pixels = load(png(image), 64)
    assert pixels[:, :28].max() == 0
    assert pixels[:, 36:].min() == 255


def silhouette(mode: str, colour: object, nothing: object) -> Image.Image:
    """A head and shoulders in `colour`, on `nothing`."""
    image = Image.new(mode, (200, 200), nothing)  # type: ignore[arg-type]
    pen = ImageDraw.Draw(image)
    pen.ellipse((65, 30, 135, 100), fill=colour)  # type: ignore[arg-type]
    pen.ellipse((30, 110, 170, 260), fill=colour)  # type: ignore[arg-type]
    return image


@pytest.mark.parametrize(
    "image",
    [
        silhouette("RGBA", (255, 255, 255, 255), (255, 255, 255, 0)),
        silhouette("RGBA", (255, 255, 255, 255), (0, 0, 0, 0)),
        silhouette("RGBA", (0, 0, 0, 255), (0, 0, 0, 0)),
        silhouette("RGBA", (0, 0, 0, 255), (255, 255, 255, 0)),
        silhouette("RGBA", (255, 255, 255, 90), (0, 0, 0, 0)),
        silhouette("LA", (255, 255), (255, 0)),
        silhouette("LA", (0, 255), (0, 0)),
    ],
    ids=["white", "white on black", "black", "black on white", "faint", "white LA", "black LA"],
)
@pytest.mark.parametrize("scale", [1, 8])
def test_what_is_drawn_on_transparency_stays_visible(
    png: Callable[..., bytes], image: Image.Image, scale: int
) -> None:
    large = image.resize((image.width * scale, image.height * scale))
    pixels = load(png(large), 64).astype(int)
    head, corner = pixels[20, 32], pixels[2, 2]
    assert np.abs(head - corner).max() >= 32


def test_a_transparent_palette_entry_is_no_colour(png: Callable[..., bytes]) -> None:
    image = Image.new("P", (64, 64), 0)
    image.putpalette([255, 255, 255, 250, 250, 250])
    image.paste(1, (16, 16, 48, 48))
    pixels = load(png(image, transparency=0), 64).astype(int)
    assert np.abs(pixels[32, 32] - pixels[2, 2]).max() >= 32


def test_a_transparent_colour_key_is_no_colour(png: Callable[..., bytes]) -> None:
    image = Image.new("RGB", (64, 64), (254, 254, 254))
    image.paste((255, 255, 255), (16, 16, 48, 48))
    pixels = load(png(image, transparency=(254, 254, 254)), 64).astype(int)
    assert np.abs(pixels[32, 32] - pixels[2, 2]).max() >= 32


def test_a_picture_of_nothing_is_white(png: Callable[..., bytes]) -> None:
    assert load(png(Image.new("RGBA", (64, 64), (20, 40, 60, 0))), 24).min() == 255


def test_what_shows_on_white_lies_on_white(png: Callable[..., bytes]) -> None:
    image = silhouette("RGBA", (200, 30, 30, 255), (0, 0, 0, 0))
    assert load(png(image), 64)[2, 2].tolist() == [255, 255, 255]


@given(
    colour=st.tuples(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255)),
    hidden=st.tuples(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255)),
)
def test_any_opaque_colour_can_be_told_from_the_background(
    colour: tuple[int, int, int], hidden: tuple[int, int, int]
) -> None:
    flat = np.asarray(to_rgb(silhouette("RGBA", (*colour, 255), (*hidden, 0)), 200), int)
    assert np.abs(flat[60, 100] - flat[2, 2]).max() >= 32


def test_shrinking_before_the_background_changes_little() -> None:
    rng = np.random.default_rng(7)
    coarse = Image.fromarray(rng.integers(0, 256, (12, 16, 4), dtype=np.uint8))
    image = coarse.resize((1600, 1200), Image.Resampling.BICUBIC)
    small, whole = to_rgb(image, 64), to_rgb(image, 1200)
    assert small.size != whole.size == image.size
    left, right = (
        np.asarray(each.resize((64, 64), Image.Resampling.BICUBIC, reducing_gap=2.0), int)
        for each in (small, whole)
    )
    assert np.abs(left - right).mean() < 1
