"""Ways to tell placeholders from real pictures, to be compared on the same pictures."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import imagehash
import keras
import numpy as np
import pdqhash
from numpy.typing import NDArray
from PIL import Image

from nophoto.models.vision.backbones import backbone
from nophoto.models.vision.engines import load_engine
from nophoto.models.vision.matching import nearest_references
from nophoto.models.vision.pictures.decode import decode
from nophoto.models.vision.pictures.prepare import load
from nophoto.models.vision.training.frozen import FrozenNetwork
from nophoto.models.vision.versions import ModelVersion
from nophoto.worker.decoding.pool import decoders_of
from nophoto.worker.settings import Settings

Files = Sequence[bytes]
Likeness = NDArray[np.floating[Any]]

Method = Callable[[Files, Files], Likeness]
"""From files (n,) and references to how like a placeholder each is, (n,); only its order counts."""

_SIDE = 512
"""Pixels that hashes look at, at least; they shrink pictures far more."""

_BATCH = 64


def phash(files: Files, references: Files) -> Likeness:
    """The perceptual hash: 64 bits of the lowest frequencies; nearest by Hamming distance."""
    return _nearest_hash(lambda image: imagehash.phash(image).hash.ravel(), files, references)


def pdq(files: Files, references: Files) -> Likeness:
    """Facebook's PDQ: 256 bits; nearest by Hamming distance."""
    return _nearest_hash(
        lambda image: np.asarray(pdqhash.compute(np.asarray(image))[0], bool), files, references
    )


def entropy(files: Files, references: Files) -> Likeness:  # noqa: ARG001 -- it needs none
    """How even a picture is: the entropy of its grey levels, lowest first."""
    return np.array([-_decoded(data).convert("L").entropy() for data in files])


@contextmanager
def imagenet_features(name: str, scratch: Path) -> Iterator[Method]:
    """The cosine of a backbone's last map, averaged, as ImageNet made it."""
    chosen = backbone(name)
    network = chosen.build()
    pooled = keras.Model(network.input, keras.layers.GlobalAveragePooling2D()(network.output))
    frozen = FrozenNetwork.of(
        pooled, "averaged", scratch, decoders_of(Settings(_env_file=None)), None
    )
    yield _cosine(frozen.engine.embed, frozen.size)


@contextmanager
def version_embeddings(version: ModelVersion) -> Iterator[Method]:
    """The cosine of a model version's embeddings."""
    yield _cosine(load_engine(version).embed, version.manifest.input_size)


def _cosine(embed: Callable[[NDArray[np.uint8]], NDArray[np.float32]], size: int) -> Method:
    def embedded(files: Files) -> NDArray[np.float32]:
        parts = [
            embed(np.stack([load(data, size) for data in files[start : start + _BATCH]]))
            for start in range(0, len(files), _BATCH)
        ]
        vectors = np.concatenate(parts)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / lengths, np.float32)

    return lambda files, references: nearest_references(embedded(files), embedded(references))[0]


def _nearest_hash(
    hashed: Callable[[Image.Image], NDArray[np.bool_]], files: Files, references: Files
) -> Likeness:
    known = np.array([hashed(_decoded(data)) for data in references])
    return np.array([-(known != hashed(_decoded(data))).sum(axis=1).min() for data in files])


def _decoded(data: bytes) -> Image.Image:
    return decode(data, at_least=_SIDE)
