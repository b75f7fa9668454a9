"""The faults of the Keras example are really put back."""

import keras
import numpy as np
import pytest

from benchmarks.baseline_faults import VARIANTS, learnt_before
from nophoto.models.vision.training.baseline.recipe import BaselineRecipe

RECIPE = BaselineRecipe(anchors=20, epochs=12, dimension=16, hidden=(8,))


@pytest.mark.parametrize("name", VARIANTS)
def test_each_head_gives_vectors_and_only_one_of_any_length(name: str) -> None:
    keras.utils.set_random_seed(0)
    head = VARIANTS[name].head((2, 2, 6), RECIPE)
    maps = np.random.default_rng(0).normal(size=(5, 2, 2, 6)).astype(np.float32)
    lengths = np.linalg.norm(np.asarray(head(maps)), axis=1)
    assert lengths.shape == (5,)
    assert np.allclose(lengths, 1, atol=1e-3) == (
        name != "trained on vectors of any length, judged by cosine"
    )


def test_a_flattened_map_needs_a_weight_for_each_of_its_places() -> None:
    flattened = VARIANTS["map flattened, not averaged"].head((7, 7, 2048), BaselineRecipe())
    assert flattened.count_params() > 51_000_000
    assert VARIANTS["mended"].head((7, 7, 2048), BaselineRecipe()).count_params() < 1_200_000


def test_triplets_that_are_split_behind_a_shuffling_are_soon_all_learnt() -> None:
    shares = learnt_before(RECIPE)
    assert len(shares) == 12
    assert shares[0] > 0.3
    assert shares[-1] == 1
