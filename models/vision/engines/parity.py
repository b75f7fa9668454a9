"""Whether the serving form of a network is still the network that was trained."""

import numpy as np
from numpy.typing import NDArray

from nophoto.models.vision.engines import load_engine
from nophoto.models.vision.references.pixels import shipped_pixels
from nophoto.models.vision.versions import ModelVersion

PARITY = 0.999
"""Cosine that every embedding of the serving form must have with the trained network's."""

_EVERY = 16
"""Of the shipped references: each of them is much like its neighbours."""


def parity_pixels(size: int) -> NDArray[np.uint8]:
    """The pictures that both forms of a network are compared on, (n, size, size, 3)."""
    return shipped_pixels(size, _EVERY)


def measure_parity(version: ModelVersion) -> float:
    """The lowest cosine between both forms' embeddings of the same pictures.

    Raises:
        EngineError: if Keras or TensorFlow is not installed.
    """
    pixels = parity_pixels(version.manifest.input_size)
    trained = load_engine(version, "keras").embed(pixels)
    served = load_engine(version, "openvino").embed(pixels)
    return float((trained * served).sum(axis=1).min())
