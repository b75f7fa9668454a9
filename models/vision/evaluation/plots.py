"""Plots of an evaluation. They need matplotlib, which the extras `demo` and `train` bring."""

from collections.abc import Mapping, Sequence
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nophoto.models.errors import NophotoError
from nophoto.models.extras import install_command
from nophoto.models.vision.evaluation.metrics import roc_curve

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Similarities = NDArray[np.floating[Any]]
Pixels = NDArray[np.uint8]

PLACEHOLDER_COLOUR, REAL_COLOUR = "#c2410c", "#1d4ed8"

_COLOURS = (REAL_COLOUR, PLACEHOLDER_COLOUR, "#15803d", "#7e22ce")


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


def plot_curves(
    path: Path,
    horizontal: str,
    points: Sequence[float],
    panels: Mapping[str, Mapping[str, Sequence[float]]],
) -> None:
    """Learning curves, one panel beside the other.

    Args:
        path: of the PNG.
        horizontal: what `points` count.
        points: where the curves have values.
        panels: by what is measured, the curves by whose they are.
    """
    figure = _figure()
    for axes, (measured, curves) in zip(
        np.atleast_1d(figure.subplots(1, len(panels))), panels.items(), strict=True
    ):
        for (name, values), colour in zip(curves.items(), cycle(_COLOURS), strict=False):
            axes.plot(points, values, label=name, color=colour)
        axes.set(xlabel=horizontal, ylabel=measured)
        axes.grid(alpha=0.3)
        axes.legend()
    figure.savefig(path)


def plot_triplets(
    path: Path, triplets: Sequence[Sequence[Pixels]], similarities: Sequence[tuple[float, float]]
) -> None:
    """Sample triplets, one a row, with the cosines that the trained network gives them.

    Args:
        path: of the PNG.
        triplets: the anchor, the positive and the negative of each, (size, size, 3).
        similarities: of each, anchor with positive and anchor with negative.
    """
    figure = _figure(5.2, 1.9 * len(triplets))
    grid = figure.subplots(len(triplets), 3, squeeze=False)
    for row, pictures, (positive, negative) in zip(grid, triplets, similarities, strict=True):
        titles = ("anchor", f"positive {positive:.3f}", f"negative {negative:.3f}")
        for axes, pixels, title in zip(row, pictures, titles, strict=True):
            axes.imshow(pixels)
            axes.set_title(title, fontsize=9)
            axes.axis("off")
    figure.savefig(path)


def _figure(width: float = 7, height: float = 4.5) -> "Figure":
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise PlotsError(
            f"plots need matplotlib, which is not installed. Run `{install_command('demo')}`"
        ) from error
    return Figure(figsize=(width, height), dpi=110, layout="constrained")
