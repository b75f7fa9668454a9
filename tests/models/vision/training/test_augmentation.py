import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from nophoto.models.vision.drawing import draw
from nophoto.models.vision.pictures.prepare import bounded
from nophoto.models.vision.training.augmentation import CLASSIC, PLATFORM, augment
from nophoto.models.vision.training.augmentation.geometry import border_colour
from nophoto.models.vision.training.augmentation.hardening import harden

CHANGES = {**CLASSIC, **PLATFORM}

sides = st.integers(1, 300)


def noise(width: int, height: int, seed: int = 0) -> Image.Image:
    rng = np.random.default_rng(seed)
    return Image.fromarray(rng.integers(0, 256, (height, width, 3), dtype=np.uint8))


@settings(max_examples=60)
@given(
    name=st.sampled_from(sorted(CHANGES)),
    width=sides,
    height=sides,
    strength=st.sampled_from([0.5, 1.0, 2.0]),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_change_of_any_picture_is_a_picture_and_the_same_again(
    name: str, width: int, height: int, strength: float, seed: int
) -> None:
    image = noise(width, height)
    before = image.tobytes()
    changed = CHANGES[name](image, np.random.default_rng(seed), strength)
    again = CHANGES[name](image, np.random.default_rng(seed), strength)
    assert changed.mode == "RGB"
    assert min(changed.size) >= 1
    assert np.array_equal(np.asarray(changed), np.asarray(again))
    assert image.tobytes() == before


def test_the_eight_of_the_seed_are_there() -> None:
    assert list(CLASSIC) == [
        "rotation",
        "width-shift",
        "height-shift",
        "brightness",
        "shear",
        "zoom",
        "horizontal-flip",
        "vertical-flip",
    ]


@pytest.mark.parametrize("name", sorted(set(CHANGES) - {"reencode", "resize"}))
def test_every_change_changes_something(name: str) -> None:
    image = draw(3, "camera", longest_side=200).image
    rng = np.random.default_rng(0)
    changed = [CHANGES[name](image, rng, 1.0) for _ in range(8)]
    assert any(
        other.size != image.size or not np.array_equal(np.asarray(other), np.asarray(image))
        for other in changed
    )


@pytest.mark.parametrize("name", ["rotation", "width-shift", "height-shift", "shear", "pad"])
def test_what_comes_in_from_outside_has_the_colour_of_the_border(name: str) -> None:
    tile = Image.new("RGB", (80, 60), (200, 30, 30))
    rng = np.random.default_rng(1)
    for _ in range(10):
        colours = {colour for _, colour in CHANGES[name](tile, rng, 2.0).getcolors()}
        assert colours <= {(200, 30, 30), (255, 255, 255), (0, 0, 0)}
        if name != "pad":
            assert colours == {(200, 30, 30)}


def test_flips_twice_give_the_picture_back() -> None:
    image, rng = noise(31, 17), np.random.default_rng(0)
    for name in ("horizontal-flip", "vertical-flip"):
        twice = CHANGES[name](CHANGES[name](image, rng, 1.0), rng, 1.0)
        assert np.array_equal(np.asarray(twice), np.asarray(image))


def test_augmenting_applies_as_many_changes_as_asked_for() -> None:
    seen: list[str] = []

    def noting(name: str) -> object:
        def change(image: Image.Image, rng: object, strength: float) -> Image.Image:
            seen.append(name)
            return image

        return change

    changes = {name: noting(name) for name in "abcde"}
    for count in range(6):
        seen.clear()
        augment(noise(8, 8), np.random.default_rng(count), changes, count)  # type: ignore[arg-type]
        assert len(seen) == len(set(seen)) == count


def test_the_border_colour_is_the_commonest_along_the_edges() -> None:
    tile = Image.new("RGB", (50, 50), (10, 20, 30))
    tile.paste((255, 0, 0), (10, 10, 40, 40))
    tile.paste((0, 255, 0), (0, 0, 5, 5))
    assert border_colour(tile) == (10, 20, 30)


@settings(max_examples=30)
@given(width=st.integers(1, 900), height=st.integers(1, 900), seed=st.integers(0, 1000))
def test_hardening_and_bounding_keep_a_picture_a_picture(
    width: int, height: int, seed: int
) -> None:
    image = bounded(noise(width, height))
    assert max(image.size) <= 512
    hardened = harden(image, np.random.default_rng(seed))
    assert hardened.mode == "RGB"
    assert min(hardened.size) >= 1
