"""The training engine, for serving on GPUs: Keras on TensorFlow."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nophoto.models.errors import NophotoError
from nophoto.models.extras import install_command

BATCH = 32


class EngineError(NophotoError):
    """The chosen engine is not installed."""


class KerasEngine:
    """A network as Keras saved it, loaded in safe mode: no code of the file is run.

    Raises:
        EngineError: if Keras or TensorFlow is not installed.
    """

    at_once = BATCH

    def __init__(self, path: Path) -> None:
        os.environ.setdefault("KERAS_BACKEND", "tensorflow")
        # It would log what it found of the processor, at every start.
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
        try:
            import keras
        except ImportError as error:
            raise EngineError(
                "the engine `keras` needs Keras and TensorFlow, which are not installed. Run "
                f"`{install_command('train')}`, or set NOPHOTO_ENGINE=openvino"
            ) from error
        self._network = keras.saving.load_model(path, compile=False, safe_mode=True)

    def start(self, pixels: NDArray[np.uint8]) -> Callable[[], NDArray[np.float32]]:
        """Embed pictures (n, size, size, 3); see `Engine.start`."""
        embeddings = self.embed(pixels)
        return lambda: embeddings

    def embed(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """From pictures (n, size, size, 3) to L2-normalised embeddings (n, dimension)."""
        if not len(pixels):  # which Keras does not take
            return np.empty((0, self._network.output_shape[-1]), np.float32)
        return np.asarray(self._network.predict(pixels, batch_size=BATCH, verbose=0))
