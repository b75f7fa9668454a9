import subprocess
import sys

import numpy as np
import pytest

from nophoto.models.vision.drawing import draw
from nophoto.models.vision.engines import load_engine
from nophoto.models.vision.engines.keras_engine import EngineError
from nophoto.models.vision.pictures.prepare import prepare
from nophoto.models.vision.versions import ModelVersion, shipped_version


@pytest.fixture(scope="module")
def version() -> ModelVersion:
    return shipped_version()


@pytest.fixture(scope="module")
def pixels(version: ModelVersion) -> np.ndarray:
    """Drawings and noise, more than the serving engine begins at a time: (20, size, size, 3)."""
    size = version.manifest.input_size
    rng = np.random.default_rng(3)
    noise = [rng.integers(0, 256, (size, size, 3), dtype=np.uint8) for _ in range(2)]
    return np.stack([*(prepare(draw(seed).image, size) for seed in range(18)), *noise])


@pytest.fixture(scope="module")
def embeddings(version: ModelVersion, pixels: np.ndarray) -> np.ndarray:
    return load_engine(version, "openvino").embed(pixels)


def test_embeddings_have_length_one(version: ModelVersion, embeddings: np.ndarray) -> None:
    assert embeddings.shape == (20, version.manifest.dimension)
    assert embeddings.dtype == np.float32
    assert np.allclose(np.linalg.norm(embeddings, axis=1), 1, atol=1e-3)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_a_picture_s_embedding_does_not_depend_on_others_or_on_threads(
    version: ModelVersion, pixels: np.ndarray, embeddings: np.ndarray, threads: int
) -> None:
    engine = load_engine(version, threads=threads)
    np.testing.assert_array_equal(engine.embed(pixels[::-1])[::-1], embeddings)
    for place in (0, 7, 16, 19):
        alone = engine.embed(pixels[place : place + 1])[0]
        np.testing.assert_array_equal(alone, embeddings[place])


def test_pictures_that_were_started_together_are_not_mixed_up(
    version: ModelVersion, pixels: np.ndarray, embeddings: np.ndarray
) -> None:
    engine = load_engine(version)
    for _ in range(2):  # the second time with requests that have been used
        started = [engine.start(pixels[place : place + 3]) for place in range(17)]
        for place in reversed(range(17)):
            np.testing.assert_array_equal(started[place](), embeddings[place : place + 3])


def test_no_pictures_have_no_embeddings(version: ModelVersion, pixels: np.ndarray) -> None:
    assert load_engine(version).embed(pixels[:0]).shape == (0, version.manifest.dimension)


def test_different_pictures_have_different_embeddings(embeddings: np.ndarray) -> None:
    products = embeddings @ embeddings.T
    assert products[np.triu_indices(len(products), 1)].min() < 0.9


def test_without_keras_the_engine_says_how_to_get_it(
    version: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "keras", None)
    with pytest.raises(
        EngineError, match=r"pip install .*'nophoto\[train\]'.*NOPHOTO_ENGINE=openvino"
    ):
        load_engine(version, "keras")


def test_serving_imports_no_tensorflow() -> None:
    program = """
import sys
from nophoto.models.vision.engines import load_engine
from nophoto.models.vision.versions import shipped_version
load_engine(shipped_version())
print(*(name for name in ("tensorflow", "keras", "matplotlib") if name in sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


def test_a_process_whose_engines_were_replaced_hears_signals() -> None:
    program = """
import os, signal
from nophoto.models.vision.engines import load_engine
from nophoto.models.vision.versions import shipped_version
older = load_engine(shipped_version())
newer = load_engine(shipped_version())
del older
del newer
signal.signal(signal.SIGTERM, lambda *_: print("heard"))
os.kill(os.getpid(), signal.SIGTERM)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done
    assert done.stdout.split() == ["heard"]
