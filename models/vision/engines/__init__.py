"""What runs a trained network: OpenVINO for serving, Keras where TensorFlow has a GPU."""

from collections.abc import Callable
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from nophoto.models.vision.versions import ModelVersion

EngineName = Literal["openvino", "keras"]


class Engine(Protocol):
    """A loaded network. One thread at a time may give it pictures; another may take embeddings."""

    @property
    def at_once(self) -> int:
        """How many pictures it is best given in one `start`."""

    def start(self, pixels: NDArray[np.uint8]) -> Callable[[], NDArray[np.float32]]:
        """Begin to embed pictures (n, size, size, 3), and return what waits for the embeddings.

        Other work may be done, and started, before that is called, once; meanwhile the pixels are
        not to be changed. The embeddings are those of `embed`.
        """

    def embed(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """From pictures (n, size, size, 3) to L2-normalised embeddings (n, dimension)."""


def load_engine(version: ModelVersion, name: EngineName = "openvino", threads: int = 0) -> Engine:
    """The network of `version`, ready to embed.

    Args:
        version: which network.
        name: what runs it.
        threads: processor threads that it may use; 0 for one per processor.

    Raises:
        EngineError: if the engine is not installed; it says how to get it.
    """
    # Each engine is a heavy import, and only the chosen one need be installed.
    if name == "openvino":
        from nophoto.models.vision.engines.openvino_engine import OpenVinoEngine

        return OpenVinoEngine(version.serving_form, version.manifest.dimension, threads)
    from nophoto.models.vision.engines.keras_engine import KerasEngine, KerasHeadEngine

    if version.head_form.is_file():
        return KerasHeadEngine(version, threads)
    return KerasEngine(version.keras_form)


__all__ = ["Engine", "EngineName", "load_engine"]
