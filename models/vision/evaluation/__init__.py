"""How well similarities tell placeholders from real pictures: figures, plots, worst mistakes."""

from nophoto.models.vision.evaluation.metrics import (
    Evaluation,
    auc,
    evaluate,
    roc_curve,
    threshold_at,
)
from nophoto.models.vision.evaluation.rates import Rate

__all__ = ["Evaluation", "Rate", "auc", "evaluate", "roc_curve", "threshold_at"]
