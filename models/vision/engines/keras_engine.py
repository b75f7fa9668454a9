"""The training engine, for serving on GPUs: Keras on TensorFlow."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nophoto.models.errors import NophotoError
from nophoto.models.extras import install_command
from nophoto.models.vision.backbones.quantised import (
    QuantisedBackboneError,
    quantised_backbone,
)
from nophoto.models.vision.engines.openvino_engine import OpenVinoEngine
from nophoto.models.vision.versions import ModelVersion

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
        self._network = _load(path)

    def start(self, pixels: NDArray[np.uint8]) -> Callable[[], NDArray[np.float32]]:
        """Embed pictures (n, size, size, 3); see `Engine.start`."""
        embeddings = self.embed(pixels)
        return lambda: embeddings

    def embed(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """From pictures (n, size, size, 3) to L2-normalised embeddings (n, dimension)."""
        if not len(pixels):  # which Keras does not take
            return np.empty((0, self._network.output_shape[-1]), np.float32)
        return np.asarray(self._network.predict(pixels, batch_size=BATCH, verbose=0))


class KerasHeadEngine:
    """The head as Keras saved it, on the features of its quantised backbone, which OpenVINO runs.

    Keras has no form of a quantised backbone. This engine says whether the serving form is what was
    trained; it is not faster on a GPU.

    Args:
        version: stands on a quantised backbone.
        threads: of the backbone; 0 for one per processor.

    Raises:
        EngineError: if Keras or TensorFlow is not installed.
        QuantisedBackboneError: if the backbone is not the one that the head was trained on.
    """

    at_once = BATCH

    def __init__(self, version: ModelVersion, threads: int = 0) -> None:
        manifest = version.manifest
        backbone = quantised_backbone(manifest.backbone)
        if backbone.digest != manifest.backbone_digest:
            raise QuantisedBackboneError(
                f"{version.id} was trained on another {manifest.backbone} than the one that is "
                "installed. Serve it with NOPHOTO_ENGINE=openvino, which has its own copy"
            )
        self._features = OpenVinoEngine(backbone.form, backbone.manifest.features, threads)
        self._head = _load(version.head_form)

    def start(self, pixels: NDArray[np.uint8]) -> Callable[[], NDArray[np.float32]]:
        """Embed pictures (n, size, size, 3); see `Engine.start`."""
        embeddings = self.embed(pixels)
        return lambda: embeddings

    def embed(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """From pictures (n, size, size, 3) to L2-normalised embeddings (n, dimension)."""
        if not len(pixels):
            return np.empty((0, self._head.output_shape[-1]), np.float32)
        features = self._features.embed(pixels)
        return np.asarray(self._head.predict(features, batch_size=1024, verbose=0))


def _load(path: Path) -> Any:
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
    # Safe mode loads no code, so the layers of our own have to be known.
    from nophoto.models.vision.triplet import absence  # noqa: F401

    return keras.saving.load_model(path, compile=False, safe_mode=True)
