"""Fitting a head to features by the loss of levels."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from nophoto.models.vision.training.batches import batches
from nophoto.models.vision.training.checkpoints import Checkpoint, inputs_digest
from nophoto.models.vision.training.features import Features
from nophoto.models.vision.training.recipes import Recipe
from nophoto.models.vision.triplet.head import build_level_head
from nophoto.models.vision.triplet.level_loss import LevelLoss
from nophoto.models.vocabulary import Kind

STEPS_PER_EPOCH = 50
"""Batches between two points of the curve."""

QUIET = tuple(list(Kind).index(kind) for kind in (Kind.CARTOON, Kind.IDENTICON))
"""Kinds whose pictures people choose as often as they are defaults: they do not say absence."""


@dataclass(frozen=True, slots=True)
class Epoch:
    """One point of the learning curve.

    Attributes:
        seed: of the training.
        step: batches so far.
        steps: batches in all.
        loss: mean loss since the last point.
    """

    seed: int
    step: int
    steps: int
    loss: float


def fit_head(
    placeholders: Features,
    negatives: Features,
    recipe: Recipe,
    on_epoch: Callable[[Epoch], None],
    checkpoint: Checkpoint | None = None,
) -> keras.Model:
    """Train the head of a recipe.

    The same features, recipe and machine give the same head.

    Args:
        placeholders: features of placeholders.
        negatives: features of real pictures.
        recipe: how.
        on_epoch: told of every point of the learning curve, those before a restart included.
        checkpoint: where the state of every point is kept, to go on from after a crash; None to
            keep none.

    Raises:
        CheckpointError: if there is no room for a state.
    """
    keras.utils.set_random_seed(recipe.seed)
    head = _new_head(placeholders, recipe)
    head.compile(
        keras.optimizers.AdamW(
            keras.optimizers.schedules.CosineDecay(recipe.learning_rate, recipe.steps),
            weight_decay=recipe.weight_decay,
        ),
        LevelLoss(QUIET, recipe.kind_weight, recipe.copy_weight),
    )
    curve = [Epoch(**kept) for kept in checkpoint.restore(head)] if checkpoint else []
    for epoch in curve:
        on_epoch(epoch)
    done = curve[-1].step if curve else 0
    # Those that were trained on before a restart are drawn again: the chances go on from there.
    left = islice(batches(placeholders, negatives, recipe), done, None)
    losses: list[float] = []
    for step, (features, marks) in enumerate(left, start=done + 1):
        logs = head.train_on_batch(tf.constant(features), tf.constant(marks), return_dict=True)
        losses.append(float(logs["loss"]))
        if step % STEPS_PER_EPOCH == 0 or step == recipe.steps:
            curve.append(Epoch(recipe.seed, step, recipe.steps, float(np.mean(losses))))
            if checkpoint:
                checkpoint.save(head, [asdict(epoch) for epoch in curve])
            on_epoch(curve[-1])
            losses.clear()
            head.reset_metrics()
    # A compiled model is saved with its loss and optimizer, which an engine would have to know.
    trained = _new_head(placeholders, recipe)
    trained.set_weights(head.get_weights())
    return trained


def head_checkpoint(
    folder: Path, placeholders: Features, negatives: Features, recipe: Recipe
) -> Checkpoint:
    """Where the states of a head are kept in `folder`; none of another training counts."""
    parts = (
        part
        for some in (placeholders, negatives)
        for part in (some.values, some.pictures, some.sources, some.kinds)
    )
    return Checkpoint(folder / "head.npz", inputs_digest(recipe.model_dump_json(), *parts))


def embed(head: keras.Model, features: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """The embeddings (n, dimension) that a head makes of features (n, values)."""
    if not len(features):
        return np.empty((0, head.output_shape[1]), np.float32)
    return np.asarray(head.predict(features.astype(np.float32), batch_size=1024, verbose=0))


def _new_head(placeholders: Features, recipe: Recipe) -> keras.Model:
    return build_level_head(
        placeholders.values.shape[1],
        recipe.dimension,
        recipe.hidden,
        recipe.dropout,
        recipe.absence_weight,
    )
