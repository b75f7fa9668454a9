"""What a training sees of given pictures, and what its cohort is made of."""

from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from nophoto.models.vision.training.augmentation.hardening import is_photographic
from nophoto.models.vision.training.augmentation.recolouring import recolour
from nophoto.models.vision.training.cohort import split_cohort
from nophoto.models.vision.training.recipes import Recipe
from nophoto.models.vision.training.samples import (
    DecodedFile,
    Origin,
    Sample,
    cohort_samples,
    given_samples,
    make_picture,
    negative_samples,
)
from nophoto.models.vocabulary import Kind

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


def test_a_look_is_of_its_file_s_source_but_a_picture_of_its_own() -> None:
    samples = list(
        given_samples(Recipe(variants=1, looks=2), Path("a.png"), "given-0", Kind.NOTICE, "")
    )

    assert [(sample.look, sample.is_changed) for sample in samples] == [
        (0, False),
        (0, True),
        (1, False),
        (1, True),
        (2, False),
        (2, True),
    ]
    assert {sample.source for sample in samples} == {"a.png"}


@pytest.mark.parametrize("kind", [Kind.BRAND, Kind.PHOTO, Kind.CARTOON, Kind.IDENTICON])
def test_what_says_nothing_in_other_colours_keeps_its_own(kind: Kind) -> None:
    samples = given_samples(Recipe(), Path("a.png"), "given-0", kind, "")

    assert {sample.look for sample in samples} == {0}


def test_a_flat_graphic_is_not_hardened_to_a_blank_tile() -> None:
    graphic = Image.new("RGB", (200, 200), "white")
    graphic.paste((200, 0, 0), (90, 90, 110, 110))
    assert not is_photographic(graphic)
    assert is_photographic(noise())

    hardened = Sample(Origin.HARDENED, Path("logo.png"), "real-0", False, 0)
    picture = make_picture(hardened, SIZE, decoded(graphic)).astype(int)

    assert (picture[..., 0] - picture[..., 1]).max() > 80, "the red is still there"


@settings(max_examples=60, deadline=None)
@given(sizes=st.lists(st.integers(0, 9), max_size=8), share=st.floats(0, 0.99))
def test_the_cohort_is_its_share_and_no_picture_of_it_is_learnt(
    sizes: list[int], share: float
) -> None:
    real = [
        [Path(f"{source}/{number}") for number in range(size)] for source, size in enumerate(sizes)
    ]

    learnt, kept = split_cohort(real, share)

    assert len(learnt) == len(kept) == len(real)
    for paths, ours, others in zip(real, learnt, kept, strict=True):
        assert sorted([*ours, *others]) == sorted(paths)
    assert sum(map(len, kept)) == int(share * sum(sizes))


def test_the_cohort_holds_no_change_that_training_makes_to_learn_from() -> None:
    real = [[Path("a.jpg"), Path("b.jpg")]]
    samples = list(cohort_samples(real))

    assert {sample.origin for sample in samples} == {Origin.FILE}
    assert not any(sample.is_changed for sample in samples)
    assert {sample.subject for sample in samples if not sample.change} == set(real[0])
    learnt = negative_samples(Recipe(distractors=0), real)
    assert {sample.origin for sample in learnt} == {Origin.FILE, Origin.HARDENED}
