"""Losses over the squared distances of triplets; each is one number a triplet."""

import keras
from keras import KerasTensor, ops


def hinge_loss(
    ap_distance: KerasTensor, an_distance: KerasTensor, margin: float = 0.5
) -> KerasTensor:
    """`max(ap_distance - an_distance + margin, 0)`.

    Source: Schroff, Kalenichenko and Philbin, "FaceNet: A Unified Embedding for Face Recognition
    and Clustering" (2015), equation 3.

    Args:
        ap_distance: squared distances of anchors and positives, any shape.
        an_distance: squared distances of anchors and negatives, same shape.
        margin: how much farther than the positive the negative must lie to cost nothing.

    Returns:
        Losses of the same shape.
    """
    return ops.relu(ap_distance - an_distance + margin)


def soft_margin_loss(ap_distance: KerasTensor, an_distance: KerasTensor) -> KerasTensor:
    """`log(1 + exp(ap_distance - an_distance))`, which never quite stops pulling.

    Source: Hermans, Beyer and Leibe, "In Defense of the Triplet Loss for Person
    Re-Identification" (2017), section 2.

    Args:
        ap_distance: distances of anchors and positives, any shape.
        an_distance: distances of anchors and negatives, same shape.

    Returns:
        Losses of the same shape.
    """
    return keras.activations.softplus(ap_distance - an_distance)
