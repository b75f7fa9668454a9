"""The model card: what a version is, what it was trained on, how well it does."""

from collections.abc import Mapping
from typing import Any

from nophoto.models.vision.training.calibration import Calibration
from nophoto.models.vision.training.recipes import Recipe

BEGINNING = (
    "# Model card",
    "",
    "Tells placeholder pictures from real photographs by the cosine of its embedding with the",
    "nearest picture of a reference set. It does not tell what a picture shows.",
    "",
)


def model_card(
    recipe: Recipe,
    counts: Mapping[str, int],
    metrics: Mapping[str, Any],
    calibration: Calibration,
    sources: str,
) -> str:
    """The card as Markdown.

    Args:
        recipe: what it was trained by.
        counts: of the pictures that it was trained on, by kind.
        metrics: of the held-out pictures, as `Evaluation.as_dict`.
        calibration: of the threshold.
        sources: Markdown on where the pictures come from and under which licences.
    """
    lines = [
        *BEGINNING,
        f"- Backbone: {recipe.backbone}, frozen; pooled at several depths.",
        f"- Head: a dense layer of {recipe.hidden}; of the embedding's {recipe.dimension} numbers "
        f"two are the axis of absence, which weighs {recipe.absence_weight:g} in a cosine.",
        f"- Loss: absence, kind (weight {recipe.kind_weight:g}) and copy (weight "
        f"{recipe.copy_weight:g}); {recipe.steps} steps of "
        f"{recipe.placeholders_per_batch} placeholders and {recipe.negatives_per_batch} real "
        f"pictures with a copy of each, seed {recipe.seed}.",
        "",
        "## Trained on",
        "",
        *(f"- {kind}: {count:,}" for kind, count in counts.items()),
        "",
        sources.strip(),
        "",
        *held_out_lines(
            metrics,
            calibration,
            "the threshold was chosen by them, so the figures lean to the bright side.",
        ),
    ]
    return "\n".join(lines) + "\n"


def held_out_lines(metrics: Mapping[str, Any], calibration: Calibration, bias: str) -> list[str]:
    """The chapter of a card on the held-out pictures.

    Args:
        metrics: as `Evaluation.as_dict`, and the parity.
        calibration: of the threshold.
        bias: in what the figures are too bright.
    """
    alarms = calibration.false_alarms
    found = [
        f"- Placeholders found at {float(rate):.1%} false alarms: "
        + _share(value, metrics["tpr_at_fpr_interval"][rate])
        for rate, value in metrics["tpr_at_fpr"].items()
    ]
    above = _share(metrics["true_positive_rate"], metrics["true_positive_rate_interval"])
    lines = [
        "## Held-out pictures",
        "",
        f"{metrics['placeholders']} placeholders and {metrics['real_pictures']} real pictures, "
        f"none of which it was trained on; {bias} Intervals are of 95 %.",
        "",
        f"- Area under the ROC curve: {metrics['auc']:.4f}",
        *found,
        f"- Threshold: {calibration.threshold:.4f}, set for at most {calibration.target:.1%} false "
        f"alarms; {alarms.hits} of {alarms.total} real pictures lie above it "
        f"({_share(alarms.value, alarms.interval)}).",
        f"- Placeholders above it: {above}",
        f"- For review: similarities from {calibration.review_low:.4f} to "
        f"{calibration.review_high:.4f}.",
        f"- Lowest cosine of the serving form with the trained network: {metrics['parity']:.5f}",
    ]
    if not calibration.is_promise_kept:
        lines += [
            "",
            f"**Too few held-out real pictures for the target**: {alarms.total} of them cannot "
            f"show a rate of {calibration.target:.2%}.",
        ]
    return lines


def _share(value: float, interval: tuple[float, float] | list[float]) -> str:
    low, high = interval
    return f"{value:.1%} ({low:.1%} to {high:.1%})"
