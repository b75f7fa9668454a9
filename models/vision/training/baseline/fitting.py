"""Fitting the baseline network: what follows the frozen part, and the dense head."""

from collections.abc import Callable
from dataclasses import asdict, dataclass

import keras
import numpy as np
import tensorflow as tf

from nophoto.models.vision.training.baseline.recipe import BaselineRecipe
from nophoto.models.vision.training.baseline.triplets import Triplets
from nophoto.models.vision.training.checkpoints import Checkpoint
from nophoto.models.vision.triplet.head import build_head, join
from nophoto.models.vision.triplet.siamese import SiameseModel


@dataclass(frozen=True, slots=True)
class BaselineEpoch:
    """One point of both learning curves.

    Attributes:
        epoch: from 1.
        loss, accuracy: of the triplets that are learnt.
        validation_loss, validation_accuracy: of those that are only measured with.
    """

    epoch: int
    loss: float
    accuracy: float
    validation_loss: float
    validation_accuracy: float


def build_baseline_head(shape: tuple[int, ...], recipe: BaselineRecipe) -> keras.Model:
    """The dense head over a backbone's map, or over features that were pooled before."""
    return build_head(shape, recipe.dimension, recipe.hidden, batch_norm=False)


def split(recipe: BaselineRecipe, triplets: Triplets) -> tuple[list[int], list[int]]:
    """The places of the triplets that are learnt, and of those that are only measured with.

    It is fixed before the first epoch, at least one on either side: shuffling never mixes them.
    """
    count = len(triplets.samples)
    shuffled = np.random.default_rng([recipe.seed, 1]).permutation(count).tolist()
    measured = min(count - 1, max(1, round(recipe.validation * count)))
    return shuffled[measured:], shuffled[:measured]


def fit(
    recipe: BaselineRecipe,
    tail: keras.Model,
    head: keras.Model,
    triplets: Triplets,
    on_epoch: Callable[[BaselineEpoch], None],
    checkpoint: Checkpoint | None = None,
) -> None:
    """Train `tail` and `head` in place.

    Args:
        recipe: how.
        tail: from the frozen part's map (n, h, w, channels) to the backbone's last.
        head: from that to embeddings.
        triplets: with the activations of the frozen part.
        on_epoch: told of every epoch, those before a restart included.
        checkpoint: where the state of every epoch is kept, to go on from after a crash.

    Raises:
        CheckpointError: if there is no room for a state.
    """
    keras.utils.set_random_seed(recipe.seed)
    model = SiameseModel(join(tail, head), recipe.margin)
    model.compile(keras.optimizers.Adam(recipe.learning_rate))
    learnt, measured = split(recipe, triplets)
    shape = tail.input_shape[1:]

    curve = [BaselineEpoch(**kept) for kept in checkpoint.restore(model)] if checkpoint else []
    for epoch in curve:
        on_epoch(epoch)
    validation = _dataset(triplets, measured, shape).batch(recipe.batch_size)
    for number in range(len(curve), recipe.epochs):
        # By the epoch's own chance: after a restart the order is that of the same epoch.
        order = np.random.default_rng([recipe.seed, 2, number]).permutation(learnt).tolist()
        history = model.fit(
            _dataset(triplets, order, shape).batch(recipe.batch_size),
            validation_data=validation,
            initial_epoch=number,
            epochs=number + 1,
            shuffle=False,
            verbose=0,
        ).history
        figures = (history[name][0] for name in ("loss", "accuracy", "val_loss", "val_accuracy"))
        curve.append(BaselineEpoch(number + 1, *map(float, figures)))
        if checkpoint:
            checkpoint.save(model, [asdict(epoch) for epoch in curve])
        on_epoch(curve[-1])


def _dataset(triplets: Triplets, places: list[int], shape: tuple[int, ...]) -> tf.data.Dataset:
    arrays = triplets.arrays(places)
    maps = tuple(array.reshape(-1, *shape).astype(np.float32) for array in arrays)
    return tf.data.Dataset.from_tensor_slices(maps)
