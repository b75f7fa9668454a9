"""The pictures that are made of samples: in other colours, and hardened."""

from hashlib import sha256
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from nophoto.models.vision.training.augmentation.hardening import is_photographic
from nophoto.models.vision.training.augmentation.recolouring import recolour
from nophoto.models.vision.training.sample_pictures import DecodedFile, make_picture
from nophoto.models.vision.training.samples import Origin, Sample

SIZE = 64


def silhouette() -> Image.Image:
    image = Image.new("RGB", (80, 80), (200, 200, 200))
    draw = ImageDraw.Draw(image)
    draw.ellipse((28, 15, 52, 40), fill=(90, 90, 90))
    draw.ellipse((15, 45, 65, 110), fill=(90, 90, 90))
    return image


def noise(side: int = 80) -> Image.Image:
    pixels = np.random.default_rng(0).integers(0, 255, (side, side, 3), np.uint8)
    return Image.fromarray(pixels)


def decoded(image: Image.Image) -> DecodedFile:
    return DecodedFile(np.asarray(image), sha256(image.tobytes()).digest())


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_other_colours_leave_a_silhouette_to_be_seen(seed: int) -> None:
    changed = recolour(silhouette(), np.random.default_rng(seed))

    assert changed.mode == "RGB"
    low, high = changed.convert("L").getextrema()
    assert high - low >= 8


def test_every_look_is_another_picture_and_each_is_made_the_same_again() -> None:
    file = decoded(silhouette())
    looks = [
        make_picture(Sample(Origin.FILE, Path("a"), "given", False, 0, look=look), SIZE, file)
        for look in (0, 1, 2, 3, 1)
    ]

    assert len({picture.tobytes() for picture in looks}) == 4
    assert (looks[1] == looks[4]).all()


def test_a_flat_graphic_is_not_hardened_to_a_blank_tile() -> None:
    graphic = Image.new("RGB", (200, 200), "white")
    graphic.paste((200, 0, 0), (90, 90, 110, 110))
    assert not is_photographic(graphic)
    assert is_photographic(noise())

    hardened = Sample(Origin.HARDENED, Path("logo.png"), "real-0", False, 0)
    picture = make_picture(hardened, SIZE, decoded(graphic)).astype(int)

    assert (picture[..., 0] - picture[..., 1]).max() > 80, "the red is still there"
