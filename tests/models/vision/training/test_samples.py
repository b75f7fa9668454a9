"""What a training sees of given pictures, and what its cohort is made of."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nophoto.models.vision.training.cohort import split_cohort
from nophoto.models.vision.training.recipes import Recipe
from nophoto.models.vision.training.samples import (
    Origin,
    cohort_samples,
    given_samples,
    negative_samples,
)
from nophoto.models.vocabulary import Kind


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
