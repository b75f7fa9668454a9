"""Plots of an evaluation. They need matplotlib, which the extras `demo` and `train` bring."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.errors import NophotoError
from models.vision.evaluation.metrics import roc_curve

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Similarities = NDArray[np.floating[Any]]

PLACEHOLDER_COLOUR, REAL_COLOUR = "#c2410c", "#1d4ed8"


class PlotsError(NophotoError):
    """Plots were asked for, and matplotlib is not installed."""


def plot_roc(path: Path, placeholders: Similarities, real: Similarities, threshold: float) -> None:
    """The ROC curve, its false-alarm axis logarithmic, with the threshold marked."""
    figure = _figure()
    axes = figure.subplots()
    false, true = roc_curve(placeholders, real)
    floor = 0.5 / len(real)
    axes.step(np.maximum(false, floor), true, where="post", color=REAL_COLOUR)
    here = max(floor, float((real >= threshold).mean())), float((placeholders >= threshold).mean())
    axes.plot(*here, "o", color=PLACEHOLDER_COLOUR, label=f"threshold {threshold:.3f}")
    axes.set(
        xscale="log",
        xlim=(floor, 1),
        ylim=(0, 1.02),
        xlabel="real pictures flagged (log scale)",
        ylabel="placeholders found",
        title=f"{len(placeholders):,} placeholders, {len(real):,} real pictures",
    )
    axes.legend(loc="lower right")
    axes.grid(alpha=0.3)
    figure.savefig(path)


def plot_histogram(
    path: Path, placeholders: Similarities, real: Similarities, threshold: float
) -> None:
    """How similarities are spread, on a logarithmic count, so that the few mistakes show."""
    figure = _figure()
    axes = figure.subplots()
    low = float(min(placeholders.min(), real.min(), threshold))
    bins = np.linspace(low, 1.0, 60)
    for values, name, colour in (
        (real, "real", REAL_COLOUR),
        (placeholders, "placeholder", PLACEHOLDER_COLOUR),
    ):
        axes.hist(values, bins.tolist(), label=name, color=colour, alpha=0.6)
    axes.axvline(threshold, color="black", linestyle="--", label=f"threshold {threshold:.3f}")
    axes.set(
        yscale="log", xlabel="similarity with the nearest reference", ylabel="pictures (log scale)"
    )
    axes.legend()
    figure.savefig(path)


def _figure() -> "Figure":
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise PlotsError(
            "plots need matplotlib, which is not installed. Run `pip install 'nophoto[demo]'`"
        ) from error
    return Figure(figsize=(7, 4.5), dpi=110, layout="constrained")
