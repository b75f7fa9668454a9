"""The full default backbone with the weights that a command was given."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nophoto.models.vision.backbones import backbone

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
