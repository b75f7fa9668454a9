"""The siamese model: one embedding network under three pictures."""

from typing import Any, Self

import keras
import tensorflow as tf
from keras import KerasTensor, ops

from nophoto.models.vision.triplet.distance import DistanceLayer
from nophoto.models.vision.triplet.losses import hinge_loss, soft_margin_loss

Triplet = tuple[KerasTensor, KerasTensor, KerasTensor]


@keras.saving.register_keras_serializable(package="nophoto")
class SiameseModel(keras.Model):  # type: ignore[misc]  # Keras has no types
    """Learns an embedding from triplets that the dataset has put together.

    It trains and evaluates on batches of triplets without labels, and reports the mean loss and
    the accuracy: the share of triplets whose negative is farther than their positive. What has
    been learnt is `model.embedding`.

    Args:
        embedding: from pictures (n, ...) to embeddings (n, d).
        margin: of the hinge loss; None for the soft margin.
    """

    def __init__(self, embedding: keras.Model, margin: float | None = 0.5, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.embedding = embedding
        self.margin = margin
        self.distance = DistanceLayer(name="distance")
        self.loss_tracker = keras.metrics.Mean(name="loss")
        self.accuracy_tracker = keras.metrics.Mean(name="accuracy")

    def call(self, inputs: Triplet, training: bool = False) -> tuple[KerasTensor, KerasTensor]:
        """From anchor, positive and negative pictures (n, ...) to both distances, each (n,)."""
        # As one batch: if each were normalised by statistics of its own, what sets negatives apart
        # from anchors would be taken away before it could be learnt.
        embeddings = self.embedding(ops.concatenate(inputs, axis=0), training=training)
        return self.distance(*ops.split(embeddings, 3, axis=0))  # type: ignore[no-any-return]

    def triplet_losses(self, ap_distance: KerasTensor, an_distance: KerasTensor) -> KerasTensor:
        """The loss of each triplet, (n,), from its squared distances."""
        if self.margin is None:
            return soft_margin_loss(ap_distance, an_distance)
        return hinge_loss(ap_distance, an_distance, self.margin)

    def train_step(self, data: Triplet) -> dict[str, KerasTensor]:
        """One step down the gradient; the loss and accuracy of the epoch so far."""
        with tf.GradientTape() as tape:
            distances = self(data, training=True)
            losses = self.triplet_losses(*distances)
            loss = ops.mean(losses)
        variables = self.trainable_variables
        self.optimizer.apply(tape.gradient(loss, variables), variables)
        return self._track(losses, *distances)

    def test_step(self, data: Triplet) -> dict[str, KerasTensor]:
        """The loss and accuracy of the evaluation so far."""
        distances = self(data, training=False)
        return self._track(self.triplet_losses(*distances), *distances)

    @property
    def metrics(self) -> list[keras.Metric]:
        """What Keras resets at the start of every epoch."""
        return [self.loss_tracker, self.accuracy_tracker]

    def get_config(self) -> dict[str, Any]:
        """What Keras needs to build this model again, its embedding network included."""
        return {
            **super().get_config(),
            "embedding": keras.saving.serialize_keras_object(self.embedding),
            "margin": self.margin,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The model that `get_config` described."""
        embedding = keras.saving.deserialize_keras_object(config.pop("embedding"))
        return cls(embedding, **config)

    def _track(
        self, losses: KerasTensor, ap_distance: KerasTensor, an_distance: KerasTensor
    ) -> dict[str, KerasTensor]:
        self.loss_tracker.update_state(losses)
        self.accuracy_tracker.update_state(an_distance > ap_distance)
        return {metric.name: metric.result() for metric in self.metrics}
