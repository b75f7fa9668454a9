"""The axis of an embedding that says whether a picture says absence."""

from typing import Any

import keras
from keras import KerasTensor, ops

CENTRE, SCALE = 1.0, 1.5
"""The axis is steepest at the logit `CENTRE`, about where the reach of references lies, and has
gone three quarters of its way `SCALE` beyond."""


_MOST = 0.99999
"""Of the axis, beyond which 32 bits tell logits no longer apart."""


@keras.saving.register_keras_serializable(package="nophoto")
class AbsenceAxis(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """From a logit (n, 1) to a point on the half circle, (n, 2): (c, sqrt(1 - c²)).

    c is ``tanh((z - CENTRE) / SCALE)`` of the logit z.

    The cosine of two such points is high where both pictures say absence, or neither does. As a
    part of an embedding it lets one cosine carry what a classifier knows.
    """

    def call(self, logit: KerasTensor) -> KerasTensor:
        """From logits (n, 1) to points (n, 2) of length 1."""
        along = ops.tanh((logit - CENTRE) / SCALE)
        return ops.concatenate([along, ops.sqrt(ops.maximum(1 - ops.square(along), 1e-9))], axis=1)

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """(n, 2)."""
        return (input_shape[0], 2)


def absence_logit(points: KerasTensor) -> KerasTensor:
    """The logits (n,) that `AbsenceAxis` made points (n, 2) of; their length does not count."""
    along = points[:, 0] / ops.sqrt(ops.sum(ops.square(points), axis=1))
    along = ops.clip(along, -_MOST, _MOST)
    return CENTRE + SCALE * 0.5 * ops.log((1 + along) / (1 - along))
