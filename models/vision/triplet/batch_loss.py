"""The triplet loss as a Keras loss over a labelled batch, with online mining."""

from collections.abc import Callable
from typing import Any

import keras
from keras import KerasTensor, ops

from nophoto.models.vision.triplet.distance import pairwise_squared_distances
from nophoto.models.vision.triplet.losses import hinge_loss, soft_margin_loss
from nophoto.models.vision.triplet.mining import MinedTriplets, batch_hard, semi_hard

MINERS: dict[str, Callable[[KerasTensor, KerasTensor], MinedTriplets]] = {
    "batch-hard": batch_hard,
    "semi-hard": semi_hard,
}


@keras.saving.register_keras_serializable(package="nophoto")
class BatchTripletLoss(keras.losses.Loss):  # type: ignore[misc]  # Keras has no types
    """The mean loss of the triplets that a miner picks from a batch.

    An embedding network trains on it as on any loss: `network.compile(optimizer,
    BatchTripletLoss("batch-hard"))`, `network.fit(pictures, labels)`. A batch holds several
    pictures of several labels (P×K); one without any triplet costs 0.

    Args:
        miner: "batch-hard" or "semi-hard".
        margin: of the hinge; None for the soft margin.
    """

    def __init__(
        self, miner: str, margin: float | None = 0.5, name: str = "batch_triplet_loss"
    ) -> None:
        super().__init__(name=name, reduction=None)
        if miner not in MINERS:
            raise ValueError(f"no miner {miner!r}; there are: {', '.join(MINERS)}")
        self.miner = miner
        self.margin = margin

    def call(self, y_true: KerasTensor, y_pred: KerasTensor) -> KerasTensor:
        """From labels (n,) or (n, 1) and embeddings (n, d) to one number."""
        labels = ops.reshape(y_true, (-1,))
        ap, an, valid = MINERS[self.miner](pairwise_squared_distances(y_pred), labels)
        losses = (
            soft_margin_loss(ap, an) if self.margin is None else hinge_loss(ap, an, self.margin)
        )
        return ops.sum(losses * valid) / ops.maximum(ops.sum(valid), 1.0)

    def get_config(self) -> dict[str, Any]:
        """What Keras needs to build this loss again."""
        return {"name": self.name, "miner": self.miner, "margin": self.margin}
