"""Trainings that were ended at an epoch and go on: the same weights as if nothing had been."""

import errno
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import keras
import numpy as np
import pytest

from nophoto.models.vision.training.baseline import fitting as seed_fitting
from nophoto.models.vision.training.baseline.recipe import BaselineRecipe
from nophoto.models.vision.training.baseline.triplets import Triplets
from nophoto.models.vision.training.checkpoints import Checkpoint, CheckpointError, inputs_digest
from nophoto.models.vision.training.features import Features
from nophoto.models.vision.training.fitting import Epoch, fit_head
from nophoto.models.vision.training.recipes import Recipe
from nophoto.models.vision.training.samples import Origin, Sample
from nophoto.models.vision.triplet.head import build_head
from nophoto.models.vision.triplet.levels import REAL

RECIPE = Recipe(
    dimension=8,
    hidden=16,
    dropout=0.3,
    placeholders_per_batch=16,
    negatives_per_batch=16,
    steps=230,
    learning_rate=3e-3,
)


class EndedError(Exception):
    """Stands for the end of the process."""


def features(pool: str, count: int, kind: int, seed: int) -> Features:
    values = np.random.default_rng(seed).normal(size=(count, 24)).astype(np.float16)
    numbers = np.arange(count)
    kinds = np.full(count, kind)
    return Features(values, numbers, numbers, kinds, np.array([pool] * count), numbers, {})


PLACEHOLDERS = features("drawn", 40, 2, 1)
NEGATIVES = features("real-0", 60, REAL, 2)


def fit(checkpoint: Checkpoint | None, end_at: int = 0) -> tuple[list[Epoch], keras.Model]:
    heard: list[Epoch] = []

    def on_epoch(epoch: Epoch) -> None:
        heard.append(epoch)
        if epoch.step == end_at:
            raise EndedError

    return heard, fit_head(PLACEHOLDERS, NEGATIVES, RECIPE, on_epoch, checkpoint)


@pytest.fixture(scope="module")
def straight() -> tuple[list[Epoch], keras.Model]:
    """What nothing ended, and its curve."""
    return fit(None)


@pytest.fixture
def checkpoint(tmp_path: Path) -> Checkpoint:
    return Checkpoint(tmp_path / "head.npz", inputs_digest("these", PLACEHOLDERS.values))


def is_same(one: keras.Model, other: keras.Model) -> bool:
    pairs = zip(one.get_weights(), other.get_weights(), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


def test_a_head_that_was_ended_twice_ends_as_if_it_had_not_been(
    checkpoint: Checkpoint, straight: tuple[list[Epoch], keras.Model]
) -> None:
    curve, unended = straight
    for end_at in (50, 150):
        with pytest.raises(EndedError):
            fit(checkpoint, end_at)
    heard, resumed = fit(checkpoint)
    assert heard == curve
    assert [epoch.step for epoch in heard] == [50, 100, 150, 200, 230]
    assert is_same(unended, resumed)
    # A head that was done is not trained again.
    heard, again = fit(checkpoint)
    assert heard == curve
    assert is_same(unended, again)


def test_the_state_of_another_training_or_a_torn_one_counts_for_nothing(
    checkpoint: Checkpoint, straight: tuple[list[Epoch], keras.Model]
) -> None:
    with pytest.raises(EndedError):
        fit(checkpoint, 100)
    whole = checkpoint.path.read_bytes()
    other = Checkpoint(checkpoint.path, inputs_digest("other", PLACEHOLDERS.values))
    assert is_same(fit(other)[1], straight[1])
    for torn in (b"", whole[:-50], whole[: len(whole) // 2], b"no archive"):
        checkpoint.path.write_bytes(torn)
        network = build_head((24,), 8, (16,))
        network.compile("adam", "mse")
        assert checkpoint.restore(network) == []


def test_digests_tell_values_shapes_and_texts_apart() -> None:
    array = np.arange(6, dtype=np.float32)
    digests = {
        inputs_digest(array),
        inputs_digest(array.reshape(2, 3)),
        inputs_digest(array.astype(np.float64)),
        inputs_digest(array + 1),
        inputs_digest(array, "text"),
        inputs_digest(array, "other"),
    }
    assert len(digests) == 6
    assert inputs_digest(array[::-1][::-1]) == inputs_digest(array)


def test_a_full_disk_is_said_and_leaves_the_state_before(
    checkpoint: Checkpoint, limit_file_size: Callable[[int], AbstractContextManager[None]]
) -> None:
    with pytest.raises(EndedError):
        fit(checkpoint, 100)
    before = checkpoint.path.read_bytes()
    full = pytest.raises(CheckpointError, match=f"{os.strerror(errno.EFBIG)}.*Make room")
    with limit_file_size(1000), full:
        fit(checkpoint)
    assert checkpoint.path.read_bytes() == before
    assert [path.name for path in checkpoint.path.parent.iterdir()] == [checkpoint.path.name]


def test_the_seed_s_training_goes_on_from_its_last_epoch(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    samples = [
        tuple(Sample(Origin.DRAWING, 10 * n + role, "", False, 0) for role in range(3))
        for n in range(12)
    ]
    rows = {s: rng.normal(size=4 * 4 * 6).astype(np.float16) for three in samples for s in three}
    triplets = Triplets(samples, rows)
    recipe = BaselineRecipe(epochs=4, learning_rate=1e-3, dimension=8, hidden=(16,), batch_size=4)

    def train(checkpoint: Checkpoint | None, end_at: int = 0) -> tuple[list[object], keras.Model]:
        keras.utils.set_random_seed(0)
        between = keras.Input((4, 4, 6))
        tail = keras.Model(between, keras.layers.Conv2D(8, 3, padding="same")(between))
        head = build_head((4, 4, 8), recipe.dimension, recipe.hidden)
        heard: list[object] = []

        def on_epoch(epoch: seed_fitting.BaselineEpoch) -> None:
            heard.append(epoch)
            if epoch.epoch == end_at:
                raise EndedError

        seed_fitting.fit(recipe, tail, head, triplets, on_epoch, checkpoint)
        return heard, head

    curve, straight = train(None)
    checkpoint = Checkpoint(tmp_path / "baseline.npz", "inputs")
    with pytest.raises(EndedError):
        train(checkpoint, 2)
    heard, resumed = train(checkpoint)
    assert heard == curve
    assert len(heard) == 4
    assert is_same(straight, resumed)
