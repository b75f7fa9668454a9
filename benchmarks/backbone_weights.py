"""The full default backbone with the weights that a command was given."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nophoto.models.vision.backbones import Backbone, backbone

if TYPE_CHECKING:
    import keras

FULL = backbone("efficientnet-lite0")

SIZE = 160
"""Height and width of the pictures that the shipped backbone takes, in pixels."""

TunedWeights = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Made by `benchmarks.tuned_backbone`; those of ImageNet if not given.",
        exists=True,
        dir_okay=False,
    ),
]


def build_full(size: int, weights: Path | None) -> "keras.Model":
    """From pixels (n, size, size, 3) to its last map, by ImageNet's weights if none are given.

    Raises:
        WeightsError: if those of ImageNet cannot be had.
    """
    network = FULL.build(size)
    if weights:
        network.load_weights(weights)
    return network


def build_pooled(size: int, weights: Path | None) -> "keras.Model":
    """From pixels (n, size, size, 3) to pooled features; weights as of `build_full`."""
    from nophoto.models.vision.triplet.pooling import build_features

    return build_features(build_full(size, weights), FULL.levels, FULL.end)


def build_for_speed(chosen: Backbone, size: int) -> "keras.Model":
    """From pixels to pooled features by any weights: where no package index is reached, chance's.

    It is as fast with any.
    """
    from nophoto.models.vision.backbones.weights import WeightsError
    from nophoto.models.vision.triplet.pooling import build_features

    try:
        network = chosen.build(size)
    except WeightsError:
        network = chosen.build(size, weights=None)
    return build_features(network, chosen.levels, chosen.end)
