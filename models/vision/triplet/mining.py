"""Online mining: picks the triplets of a labelled batch that still teach something."""

from typing import NamedTuple

import tensorflow as tf
from keras import KerasTensor, ops


class MinedTriplets(NamedTuple):
    """The distances of chosen triplets; entries where `valid` is 0 are no triplet.

    Attributes:
        ap_distance: anchor to positive.
        an_distance: anchor to negative, same shape.
        valid: 1.0 where the batch held such a triplet, else 0.0, same shape.
    """

    ap_distance: KerasTensor
    an_distance: KerasTensor
    valid: KerasTensor


def batch_hard(distances: KerasTensor, labels: KerasTensor) -> MinedTriplets:
    """For each anchor its farthest positive and its nearest negative.

    Source: Hermans, Beyer and Leibe, "In Defense of the Triplet Loss for Person
    Re-Identification" (2017), equation 5.

    Args:
        distances: (n, n), of every two embeddings of the batch.
        labels: (n,), equal for pictures that belong together.

    Returns:
        One triplet an anchor, (n,); an anchor without a positive or a negative is not valid.
    """
    positive, negative = _pairs(labels)
    return MinedTriplets(
        ops.max(ops.where(positive, distances, -_INFINITY), axis=1) * _any(positive),
        ops.min(ops.where(negative, distances, _INFINITY), axis=1) * _any(negative),
        _any(positive) * _any(negative),
    )


def semi_hard(distances: KerasTensor, labels: KerasTensor) -> MinedTriplets:
    """For each anchor and positive the nearest negative that is farther than the positive.

    Where every negative is nearer than the positive, the farthest one is taken, the easiest of
    the hard ones: without it the pairs that are worst would never be learnt.

    Source: Schroff, Kalenichenko and Philbin, "FaceNet: A Unified Embedding for Face Recognition
    and Clustering" (2015), section 3.2.

    Args:
        distances: (n, n), of every two embeddings of the batch.
        labels: (n,), equal for pictures that belong together.

    Returns:
        One triplet for each ordered pair, (n, n); pairs that are not anchor and positive, and
        anchors without a negative, are not valid.
    """
    positive, negative = _pairs(labels)
    # Of each anchor its negatives, the nearest first; in as good as no time, where comparing every
    # positive with every negative takes most of a step.
    ascending = ops.sort(ops.where(negative, distances, _INFINITY), axis=1)
    farther = tf.searchsorted(ascending, distances, side="right")
    last = ops.sum(ops.cast(negative, "int32"), axis=1, keepdims=True) - 1
    chosen = ops.maximum(ops.minimum(farther, last), 0)
    return MinedTriplets(
        distances,
        tf.gather(ascending, chosen, batch_dims=1),
        ops.cast(positive, distances.dtype) * _any(negative)[:, None],
    )


_INFINITY = 1e9
"""Stands for no distance; finite, because infinity times 0 is no number."""


def _pairs(labels: KerasTensor) -> tuple[KerasTensor, KerasTensor]:
    same = labels[:, None] == labels[None, :]
    itself = ops.eye(ops.shape(labels)[0], dtype="bool")
    return same & ~itself, ~same


def _any(mask: KerasTensor) -> KerasTensor:
    return ops.cast(ops.any(mask, axis=1), "float32")
