"""Activations on disk: found again by what a picture is, whatever it is called and trained with."""

import os
import resource
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from time import time

import keras
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from nophoto.models.vision.training import activations
from nophoto.models.vision.training.activations import (
    ActivationCache,
    ActivationCacheError,
    network_digest,
)
from nophoto.models.vision.training.features import compute_features
from nophoto.models.vision.training.sample_keys import sample_keys
from nophoto.models.vision.training.sample_pictures import decode_subject, make_picture
from nophoto.models.vision.training.samples import Origin, Sample
from nophoto.models.vocabulary import Kind
from tests.parts import DECODERS

SIZE = 16


class CountingEngine:
    """The mean of each channel, and how many pictures it was asked for."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def embed(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        if len(pixels):
            self.batches.append(len(pixels))
        return pixels.mean(axis=(1, 2), dtype=np.float32)


def a_file(path: Path, seed: int = 0) -> Path:
    rng = np.random.default_rng(seed)
    Image.fromarray(rng.integers(0, 256, (40, 30, 3), dtype=np.uint8)).save(path)
    return path


def some_samples(folder: Path) -> list[Sample]:
    files = [a_file(folder / f"{seed}.png", seed) for seed in range(30)]
    uploads = [Sample(Origin.UPLOAD, file, "real", False, 0) for file in files]
    return [
        *uploads,
        Sample(Origin.FILE, files[0], "real", True, 1),
        Sample(Origin.HARDENED, files[0], "real", False, 1),
        Sample(Origin.DRAWING, 5, "drawn", True, 5, Kind.NOTICE),
        Sample(Origin.DISTRACTOR, 5, "distractors", False, 5),
        Sample(Origin.REFERENCE, 5, "references", True, 1, Kind.PERSON),
    ]


def unheard(done: int, total: int) -> None:
    """Nobody watches the progress."""


def compute(samples: Sequence[Sample], cache: ActivationCache) -> tuple[NDArray, list[int]]:
    engine = CountingEngine()
    found = compute_features(samples, engine, SIZE, DECODERS, unheard, cache)
    return found.values, engine.batches


def test_what_was_computed_is_read_the_second_time_and_the_same(tmp_path: Path) -> None:
    samples = some_samples(tmp_path)
    cache = ActivationCache(tmp_path / "cache", "network")
    first, batches = compute(samples, cache)
    # Full batches, uploads too.
    assert batches == [32, 3]
    again, batches = compute(samples[::-1], ActivationCache(tmp_path / "cache", "network"))
    assert batches == []
    assert np.array_equal(first, again[::-1])
    _, batches = compute(samples, ActivationCache(tmp_path / "cache", "another"))
    assert sum(batches) == len(samples)


def picture_of(sample: Sample) -> NDArray[np.uint8]:
    return make_picture(sample, SIZE, decode_subject(sample, SIZE, DECODERS))


def test_only_what_is_new_is_computed(tmp_path: Path) -> None:
    samples = some_samples(tmp_path)
    cache = ActivationCache(tmp_path / "cache", "network")
    known, _ = compute(samples[2:], cache)
    values, batches = compute(samples, cache)
    assert batches == [2]
    assert np.array_equal(values[2:], known)
    means = [picture_of(sample).mean(axis=(0, 1)) for sample in samples]
    assert np.allclose(values, means, atol=0.1)


def test_a_key_is_of_the_picture_and_its_changes_alone(tmp_path: Path) -> None:
    sample = Sample(Origin.FILE, a_file(tmp_path / "a.png"), "real-0", True, 2)
    renamed = replace(sample, subject=a_file(tmp_path / "b.png"), kind=Kind.OWN, pool="real-4")
    assert sample_keys([sample], SIZE) == sample_keys([renamed], SIZE)
    assert np.array_equal(picture_of(sample), picture_of(renamed))
    others = [
        replace(sample, subject=a_file(tmp_path / "c.png", 1)),
        replace(sample, change="watermark"),
        replace(sample, seed=3),
        replace(sample, is_changed=False),
        replace(sample, origin=Origin.UPLOAD),
    ]
    keys = {*sample_keys([sample, *others], SIZE), *sample_keys([sample], SIZE + 1)}
    assert len(keys) == len(others) + 2


def test_files_that_cannot_be_read_are_named_and_left_out(tmp_path: Path) -> None:
    missing = tmp_path / "missing.png"
    damaged = tmp_path / "damaged.png"
    damaged.write_bytes(a_file(tmp_path / "whole.png").read_bytes()[:90])
    samples = [
        Sample(Origin.UPLOAD, path, "real", False, 0)
        for path in (missing, tmp_path / "whole.png", damaged)
    ]
    cache = ActivationCache(tmp_path / "cache", "network")
    found = compute_features(samples, CountingEngine(), SIZE, DECODERS, unheard, cache)
    assert found.values.shape == (1, 3)
    assert set(found.unreadable) == {missing, damaged}
    assert "No such file" in found.unreadable[missing]
    nothing = compute_features(samples[:1], CountingEngine(), SIZE, DECODERS, unheard)
    assert nothing.values.shape == (0, 3)


def test_a_damaged_file_is_named_with_the_remedy(tmp_path: Path) -> None:
    cache = ActivationCache(tmp_path, "network")
    cache.path.write_bytes(b"no database" * 1000)
    with pytest.raises(ActivationCacheError, match=r"network\.sqlite.*Remove that file"):
        cache.get([b"key"])
    with pytest.raises(ActivationCacheError):
        ActivationCache(tmp_path, "network")


def test_a_file_that_cannot_grow_is_named_with_the_remedy(tmp_path: Path) -> None:
    cache = ActivationCache(tmp_path, "network")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(ActivationCacheError, match="make room on its disk"):
            cache.add({b"key": np.zeros(100_000, np.float16)})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert cache.get([b"key"]) == {}


def test_the_files_longest_unused_make_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activations, "MOST_BYTES", 2_500)
    for number, age in enumerate((5, 3, 0)):
        file = tmp_path / f"{number}.sqlite"
        file.write_bytes(b"x" * 1_000)
        os.utime(file, (time() - age * 86_400,) * 2)
    ActivationCache(tmp_path, "new")
    assert sorted(file.stem for file in tmp_path.glob("*.sqlite")) == ["1", "2", "new"]


def test_another_network_has_another_digest() -> None:
    def network(seed: int, scale: float = 1.0) -> keras.Model:
        keras.utils.set_random_seed(seed)
        inputs = keras.Input((8, 8, 3))
        scaled = keras.layers.Rescaling(scale)(inputs)
        return keras.Model(inputs, keras.layers.Dense(2)(keras.layers.Flatten()(scaled)))

    digest = network_digest(network(1), "a")
    assert digest == network_digest(network(1), "a")
    others = [network_digest(network(2), "a"), network_digest(network(1), "b")]
    others.append(network_digest(network(1, scale=1 / 255), "a"))
    assert len({digest, *others}) == 4
