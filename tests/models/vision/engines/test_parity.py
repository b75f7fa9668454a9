"""The serving form against Keras; a file of its own, because it imports TensorFlow."""

import numpy as np

from nophoto.models.vision.drawing import KINDS, draw
from nophoto.models.vision.engines import load_engine
from nophoto.models.vision.pictures.prepare import prepare
from nophoto.models.vision.versions import shipped_version


def test_openvino_embeds_as_keras_does() -> None:
    version = shipped_version()
    size = version.manifest.input_size
    rng = np.random.default_rng(4)
    noise = rng.integers(0, 256, (2, size, size, 3), dtype=np.uint8)
    drawings = [prepare(draw(1, kind).image, size) for kind in list(KINDS)[::4]]
    pixels = np.concatenate([np.stack(drawings), noise])
    served = load_engine(version, "openvino").embed(pixels)
    keras_engine = load_engine(version, "keras")
    trained = keras_engine.embed(pixels)
    cosines = (served * trained).sum(axis=1) / np.linalg.norm(trained, axis=1)
    assert cosines.min() >= 0.999
    none = keras_engine.embed(pixels[:0])
    assert none.shape == (0, version.manifest.dimension)
    assert none.dtype == trained.dtype == np.float32
