"""The loss that orders the space: copy before kind before other placeholder before real."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import KerasTensor, ops

from nophoto.models.vision.triplet.absence import absence_logit
from nophoto.models.vision.triplet.levels import REAL

_NEVER = -1e4
"""A logit that counts for nothing; finite, so that no gradient is undefined."""


@keras.saving.register_keras_serializable(package="nophoto")
class LevelLoss(keras.losses.Loss):  # type: ignore[misc]  # Keras has no types
    """Three levels of one space, each a softened triplet loss over a batch.

    - **Absence**: binary cross-entropy of the first two numbers of an embedding (`AbsenceAxis`),
      placeholders against real pictures. Kinds in `quiet` count as real: their pictures are
      people's avatars as often as defaults.
    - **Kind**: of the other numbers, the soft maximum of an anchor's cosines with placeholders of
      its kind against that with all other placeholders: ``log(sum_all / sum_kind)`` of
      ``exp(cosine / temperature)``. It asks for one near neighbour of the kind, not for all.
    - **Copy**: InfoNCE (van den Oord et al., 2018) over the changed copies of every picture, real
      ones too: a copy against all pictures of the batch.

    Pictures of one source (a project's variants of one placeholder) are neither positives nor
    negatives of each other.

    Args:
        quiet: kinds that count as real on the level of absence.
        kind_weight, copy_weight: of these levels beside that of absence.
        kind_temperature, copy_temperature: by which cosines are divided.
        smoothing: of the labels of absence.
    """

    def __init__(
        self,
        quiet: Sequence[int] = (),
        kind_weight: float = 0.3,
        copy_weight: float = 0.2,
        kind_temperature: float = 0.1,
        copy_temperature: float = 0.07,
        smoothing: float = 0.03,
        name: str = "level_loss",
    ) -> None:
        super().__init__(name=name, reduction=None)
        self.quiet = tuple(quiet)
        self.kind_weight = kind_weight
        self.copy_weight = copy_weight
        self.kind_temperature = kind_temperature
        self.copy_temperature = copy_temperature
        self.smoothing = smoothing

    def call(self, y_true: KerasTensor, y_pred: KerasTensor) -> KerasTensor:
        """From picture, source and kind (n, 3) and embeddings (n, d) to one number."""
        picture, source, kind = y_true[:, 0], y_true[:, 1], y_true[:, 2]
        same = picture[:, None] == picture[None, :]
        others = ~same & (source[:, None] != source[None, :])
        directions = ops.normalize(y_pred[:, 2:], axis=1)
        cosines = ops.matmul(directions, ops.transpose(directions))
        return (
            self._absence(kind, y_pred[:, :2])
            + self.kind_weight * self._kinds(kind, others, cosines)
            + self.copy_weight * self._copies(same, others, cosines)
        )

    def _absence(self, kind: KerasTensor, points: KerasTensor) -> KerasTensor:
        is_real = kind == REAL
        for quiet in self.quiet:
            is_real = is_real | (kind == quiet)
        logits = absence_logit(points)
        wrong, right = ops.softplus(-logits), ops.softplus(logits)
        placeholders = (1 - self.smoothing) * wrong + self.smoothing * right
        real = (1 - self.smoothing) * right + self.smoothing * wrong
        return _mean(placeholders, ~is_real) + _mean(real, is_real)

    def _kinds(self, kind: KerasTensor, others: KerasTensor, cosines: KerasTensor) -> KerasTensor:
        known = kind >= 0
        candidates = others & known[:, None] & known[None, :]
        positives = candidates & (kind[:, None] == kind[None, :])
        logits = cosines / self.kind_temperature
        losses = _soft_sum(logits, candidates) - _soft_sum(logits, positives)
        return _mean(losses, ops.any(positives, axis=1))

    def _copies(self, same: KerasTensor, others: KerasTensor, cosines: KerasTensor) -> KerasTensor:
        copies = same & ~ops.eye(ops.shape(same)[0], dtype="bool")
        logits = cosines / self.copy_temperature
        count = ops.sum(ops.cast(copies, logits.dtype), axis=1)
        mean = ops.sum(ops.where(copies, logits, 0.0), axis=1) / ops.maximum(count, 1.0)
        return _mean(_soft_sum(logits, others | copies) - mean, count > 0)

    def get_config(self) -> dict[str, Any]:
        """What Keras needs to build this loss again."""
        return {
            "name": self.name,
            "quiet": list(self.quiet),
            "kind_weight": self.kind_weight,
            "copy_weight": self.copy_weight,
            "kind_temperature": self.kind_temperature,
            "copy_temperature": self.copy_temperature,
            "smoothing": self.smoothing,
        }


def _soft_sum(logits: KerasTensor, mask: KerasTensor) -> KerasTensor:
    return ops.logsumexp(ops.where(mask, logits, _NEVER), axis=1)


def _mean(losses: KerasTensor, mask: KerasTensor) -> KerasTensor:
    """Of the losses (n,) that the mask (n,) names; 0 where it names none."""
    count = ops.sum(ops.cast(mask, losses.dtype))
    return ops.sum(ops.where(mask, losses, 0.0)) / ops.maximum(count, 1.0)
