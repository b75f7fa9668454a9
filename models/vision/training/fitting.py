"""Fitting a head to features by the triplet loss with online mining."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from nophoto.models.vision.training.batches import batches
from nophoto.models.vision.training.checkpoints import Checkpoint, inputs_digest
from nophoto.models.vision.training.features import Features
from nophoto.models.vision.training.recipes import Recipe
from nophoto.models.vision.triplet.batch_loss import BatchTripletLoss
from nophoto.models.vision.triplet.head import build_head, side_by_side

STEPS_PER_EPOCH = 50
"""Batches between two points of the curve."""


@dataclass(frozen=True, slots=True)
class Epoch:
    """One point of the learning curve.

    Attributes:
        seed: of the head that is trained.
        step: batches so far.
        steps: batches in all.
        loss: mean of the triplet loss since the last point.
    """

    seed: int
    step: int
    steps: int
    loss: float


def fit_heads(
    placeholders: Features,
    negatives: Features,
    recipe: Recipe,
    on_epoch: Callable[[Epoch], None],
    checkpoints: Path | None = None,
) -> keras.Model:
    """Train the heads of a recipe, one after the other, and lay them side by side.

    The same features, recipe and machine give the same heads.

    Args:
        placeholders: features of what belongs together.
        negatives: features of what belongs to nothing.
        recipe: how.
        on_epoch: told of every point of the learning curves, those before a restart included.
        checkpoints: a folder in which the state of every point is kept, to go on from after a
            crash.

    Raises:
        CheckpointError: if there is no room for a state.
    """
    seeds = range(recipe.seed, recipe.seed + recipe.heads)
    kept: dict[int, Checkpoint] = {}
    if checkpoints:
        inputs = inputs_digest(
            recipe.model_dump_json(),
            *(part for some in (placeholders, negatives) for part in (some.values, some.labels)),
        )
        kept = {seed: Checkpoint(checkpoints / f"head-{seed}.npz", inputs) for seed in seeds}
    heads = []
    for seed in seeds:
        own = recipe.model_copy(update={"seed": seed})
        heads.append(fit_head(placeholders, negatives, own, on_epoch, kept.get(seed)))
    return side_by_side(heads)


def fit_head(
    placeholders: Features,
    negatives: Features,
    recipe: Recipe,
    on_epoch: Callable[[Epoch], None],
    checkpoint: Checkpoint | None = None,
) -> keras.Model:
    """Train one head, from the recipe's seed.

    Args:
        placeholders: features of what belongs together.
        negatives: features of what belongs to nothing.
        recipe: how.
        on_epoch: told of every point of the learning curve, those before a restart included.
        checkpoint: where the state of every point is kept.

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
        BatchTripletLoss(recipe.miner, recipe.margin),
    )
    curve = [Epoch(**kept) for kept in checkpoint.restore(head)] if checkpoint else []
    for epoch in curve:
        on_epoch(epoch)
    done = curve[-1].step if curve else 0
    # Those that were trained on before a restart are drawn again: the chances go on from there.
    left = islice(batches(placeholders, negatives, recipe), done, None)
    losses: list[float] = []
    for step, (features, labels) in enumerate(left, start=done + 1):
        logs = head.train_on_batch(tf.constant(features), tf.constant(labels), return_dict=True)
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


def _new_head(placeholders: Features, recipe: Recipe) -> keras.Model:
    return build_head(
        placeholders.values.shape[1:],
        recipe.dimension // recipe.heads,
        recipe.hidden,
        recipe.dropout,
        name=f"head_{recipe.seed}",
    )
