"""Squared Euclidean distances between embeddings."""

import keras
from keras import KerasTensor, ops


def squared_distance(left: KerasTensor, right: KerasTensor) -> KerasTensor:
    """`‖left - right‖²` along the last axis: (..., d) and (..., d) to (...)."""
    return ops.sum(ops.square(left - right), axis=-1)


@keras.saving.register_keras_serializable(package="nophoto")
class DistanceLayer(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """Both squared distances of a triplet: anchor to positive, anchor to negative."""

    def call(
        self, anchor: KerasTensor, positive: KerasTensor, negative: KerasTensor
    ) -> tuple[KerasTensor, KerasTensor]:
        """From three embeddings (n, d) to `(ap_distance, an_distance)`, each (n,)."""
        return squared_distance(anchor, positive), squared_distance(anchor, negative)
