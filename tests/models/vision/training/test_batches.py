from dataclasses import replace

import numpy as np
import pytest

from nophoto.models.vision.training.batches import batches, negative_shares
from nophoto.models.vision.training.features import Features
from nophoto.models.vision.training.recipes import Recipe


def features(*pools: tuple[str, int, int], first_label: int = 0) -> Features:
    """Features of (pool, pictures, copies); the first value of a row is its own number."""
    labels, names, label = [], [], first_label
    for pool, pictures, copies in pools:
        for _ in range(pictures):
            labels += [label] * copies
            names += [pool] * copies
            label += 1
    values = np.zeros((len(labels), 3), np.float16)
    values[:, 0] = np.arange(len(labels))
    return Features(values, np.array(labels), np.array(names), np.arange(len(values)), {})


def placeholders(*pools: tuple[str, int, int]) -> Features:
    made = features(*pools)
    return replace(made, labels=np.zeros_like(made.labels))


NEGATIVES = features(("distractors", 50, 1), ("real-0", 100, 4), ("real-1", 25, 4), first_label=1)


def test_shares_are_split_by_the_square_root_of_the_sources() -> None:
    recipe = Recipe(distractor_share=0.25, hardened_share=0.1)
    shares = negative_shares(NEGATIVES, recipe)
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["real-0"] / shares["real-1"] == pytest.approx(2)
    assert shares["distractors"] == pytest.approx(0.25)


def test_distractors_alone_fill_the_batch() -> None:
    shares = negative_shares(features(("distractors", 5, 1), first_label=1), Recipe())
    assert shares == {"distractors": 1.0}


def test_batches_are_mixed_as_the_recipe_says() -> None:
    recipe = Recipe(steps=200, placeholders_per_batch=20, negatives_per_batch=30)
    given = placeholders(("drawn", 500, 1), ("given-0", 4, 3), ("references", 30, 2))
    labels, numbers = [], []
    for values, some in batches(given, NEGATIVES, recipe):
        assert values.dtype == np.float32
        assert (some[:20] == 0).all()
        assert (some[20:] > 0).all()
        labels += some[20:].tolist()
        numbers += values[:20, 0].tolist()
    is_given, is_reference = np.array(numbers) >= 500, np.array(numbers) >= 512
    assert np.mean(is_given & ~is_reference) == pytest.approx(recipe.given_share, abs=0.03)
    assert np.mean(is_reference) == pytest.approx(recipe.reference_share, abs=0.03)
    # Each picture of a pool counts the same, however many copies there are of it.
    per_picture = np.bincount(labels, minlength=176)[51:151]
    assert per_picture.min() > 0
    assert np.mean(np.array(labels) <= 50) == pytest.approx(0.25, abs=0.03)


def test_the_same_seed_gives_the_same_batches() -> None:
    given = placeholders(("drawn", 50, 1))

    def drawn(seed: int) -> np.ndarray:
        recipe = Recipe(steps=3, seed=seed)
        return np.stack([values for values, _ in batches(given, NEGATIVES, recipe)])

    assert np.array_equal(drawn(1), drawn(1))
    assert not np.array_equal(drawn(1), drawn(2))


@pytest.mark.parametrize(
    "shares",
    [
        {"given_share": 0.7, "reference_share": 0.4},
        {"distractor_share": 0.7, "hardened_share": 0.4},
    ],
)
def test_shares_of_more_than_a_batch_are_refused(shares: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="more than a whole batch"):
        Recipe(**shares)
