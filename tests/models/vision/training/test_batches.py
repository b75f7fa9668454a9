from dataclasses import replace

import numpy as np
import pytest

from nophoto.models.vision.training.batches import batches, negative_shares
from nophoto.models.vision.training.features import Features
from nophoto.models.vision.training.recipes import Recipe
from nophoto.models.vision.triplet.levels import REAL


def features(*pools: tuple[str, int, int], kind: int = REAL) -> Features:
    """Features of (pool, pictures, copies); the first value of a row is its own number."""
    pictures, names = [], []
    for pool, count, copies in pools:
        for _ in range(count):
            pictures += [len(set(pictures))] * copies
            names += [pool] * copies
    values = np.zeros((len(pictures), 3), np.float16)
    values[:, 0] = np.arange(len(pictures))
    numbers = np.array(pictures)
    kinds = np.full(len(pictures), kind)
    return Features(values, numbers, numbers, kinds, np.array(names), np.arange(len(values)), {})


def placeholders(*pools: tuple[str, int, int]) -> Features:
    return features(*pools, kind=2)


NEGATIVES = features(("distractors", 50, 2), ("real-0", 100, 4), ("real-1", 25, 4))


def test_shares_are_split_by_the_square_root_of_the_sources() -> None:
    shares = negative_shares(NEGATIVES, Recipe(distractor_share=0.25))
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["real-0"] / shares["real-1"] == pytest.approx(2)
    assert shares["distractors"] == pytest.approx(0.25)


def test_distractors_alone_fill_the_batch() -> None:
    assert negative_shares(features(("distractors", 5, 1)), Recipe()) == {"distractors": 1.0}


def test_batches_are_mixed_as_the_recipe_says() -> None:
    recipe = Recipe(steps=200, placeholders_per_batch=20, negatives_per_batch=30)
    given = placeholders(("drawn", 500, 2), ("given-0", 4, 3), ("references", 30, 2))
    counted: list[str] = []
    per_picture = np.zeros(709)
    for values, marks in batches(given, NEGATIVES, recipe):
        assert values.dtype == np.float32
        assert values.shape == (100, 3)
        assert (marks[:20, 2] == 2).all()
        assert (marks[20:50, 2] == REAL).all()
        counted += given.pools[values[:20, 0].astype(int)].tolist()
        np.add.at(per_picture, marks[20:50, 0], 1)
    names = np.array(counted)
    assert np.mean(names == "given-0") == pytest.approx(recipe.given_share, abs=0.03)
    assert np.mean(names == "references") == pytest.approx(recipe.reference_share, abs=0.03)
    # Pictures count on from those of the placeholders; each of a pool counts the same.
    first = 534
    assert per_picture[:first].sum() == 0
    assert per_picture[first + 50 : first + 150].min() > 0
    assert per_picture[first : first + 50].sum() / per_picture.sum() == pytest.approx(
        recipe.distractor_share, abs=0.03
    )


def test_the_second_half_holds_another_copy_of_every_picture() -> None:
    recipe = Recipe(steps=20, placeholders_per_batch=8, negatives_per_batch=6)
    given = placeholders(("drawn", 30, 3))
    for values, marks in batches(given, NEGATIVES, recipe):
        one, other = values[:14, 0], values[14:, 0]
        assert np.array_equal(marks[:14], marks[14:])
        assert (one != other).all()
        # Nothing that is placeholder and real has a number in common.
        assert not set(marks[:8, 0]) & set(marks[8:14, 0])
        assert not set(marks[:8, 1]) & set(marks[8:14, 1])


def test_a_picture_without_a_copy_is_its_own() -> None:
    recipe = Recipe(steps=1, placeholders_per_batch=4, negatives_per_batch=2)
    ((values, _),) = batches(placeholders(("drawn", 9, 1)), NEGATIVES, recipe)
    assert np.array_equal(values[:4], values[6:10])


def test_the_same_seed_gives_the_same_batches() -> None:
    given = placeholders(("drawn", 50, 2))

    def drawn(seed: int) -> np.ndarray:
        recipe = Recipe(steps=3, seed=seed)
        return np.stack([values for values, _ in batches(given, NEGATIVES, recipe)])

    assert np.array_equal(drawn(1), drawn(1))
    assert not np.array_equal(drawn(1), drawn(2))


def test_shares_of_more_than_a_batch_are_refused() -> None:
    with pytest.raises(ValueError, match="more than a whole batch"):
        Recipe(given_share=0.7, reference_share=0.4)


def test_rows_can_be_chosen() -> None:
    chosen = NEGATIVES.where(NEGATIVES.pools == "real-1")
    assert set(chosen.pools.tolist()) == {"real-1"}
    assert replace(chosen, unreadable={}).values.shape == (100, 3)
