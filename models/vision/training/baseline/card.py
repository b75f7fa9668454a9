"""The model card of a version that was trained by the baseline recipe."""

from collections.abc import Mapping
from typing import Any

from nophoto.models.vision.training.baseline.fitting import BaselineEpoch
from nophoto.models.vision.training.baseline.recipe import BaselineRecipe
from nophoto.models.vision.training.calibration import Calibration
from nophoto.models.vision.training.card import BEGINNING, held_out_lines


def baseline_card(
    recipe: BaselineRecipe,
    triplets: int,
    last: BaselineEpoch,
    sources: str,
    metrics: Mapping[str, Any],
    calibration: Calibration,
) -> str:
    """The card as Markdown.

    Args:
        recipe: what it was trained by.
        triplets: how many there were.
        last: the last point of the learning curves.
        sources: Markdown on where the pictures come from and under which licences.
        metrics: of the held-out pictures, as `Evaluation.as_dict`, and the parity.
        calibration: of the threshold.
    """
    lines = [
        *BEGINNING,
        f"- Backbone: {recipe.backbone} on ImageNet weights, frozen up to the first block of its "
        "last stage.",
        f"- Head: dense layers of {', '.join(map(str, recipe.hidden))}, then {recipe.dimension} "
        "numbers of length 1.",
        f"- Loss: offline triplets, margin {recipe.margin:g}; {recipe.epochs} epochs at a learning "
        f"rate of {recipe.learning_rate:g}, seed {recipe.seed}.",
        "",
        "## Trained on",
        "",
        f"{triplets} triplets: an anchor, the anchor changed by eight augmentations (or the "
        "picture it was paired with), a real picture. One in "
        f"{round(1 / recipe.validation)} was only measured with: in {last.validation_accuracy:.1%} "
        "of those the negative lay farther than the positive.",
        "",
        sources.strip(),
        "",
        *held_out_lines(metrics, calibration, "only the threshold was chosen by them."),
    ]
    return "\n".join(lines) + "\n"
