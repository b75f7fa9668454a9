"""The model version that comes with the package, and finding a version on this host."""

import shutil
from pathlib import Path

from nophoto.models.vision.versions.directory import ModelVersion, ModelVersionError, open_version

SHIPPED = "shipped"
"""The location of the shipped version: its folder differs from host to host."""

_FOLDER = Path(__file__).with_name("shipped")


def shipped_version() -> ModelVersion:
    """The model version that a fresh installation judges with.

    Raises:
        ModelVersionError: if it is missing or changed.
    """
    folders = sorted(path for path in _FOLDER.glob("*") if path.is_dir())
    if len(folders) != 1:
        raise ModelVersionError(
            f"{_FOLDER} must hold one model version and holds {len(folders)}. Install nophoto again"
        )
    return open_version(folders[0])


def replace_shipped(folder: Path) -> ModelVersion:
    """Make the model version in `folder` the shipped one, in place of the one that was.

    Raises:
        ModelVersionError: if it is missing or changed; then nothing is replaced.
    """
    version = open_version(folder)
    final = _FOLDER / version.id
    for other in [path for path in _FOLDER.glob("*") if path.is_dir() and path != final]:
        shutil.rmtree(other)
    shutil.copytree(folder, final, dirs_exist_ok=True)
    return open_version(final)


def open_location(location: str) -> ModelVersion:
    """The model version at a location of this host: `SHIPPED`, or a folder.

    Raises:
        ModelVersionError: if it is missing or changed.
    """
    return shipped_version() if location == SHIPPED else open_version(Path(location))
