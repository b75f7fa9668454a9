"""Fetches packages of Debian and unpacks them without installing anything."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from models.errors import NophotoError


class PackageError(NophotoError):
    """A package cannot be fetched or unpacked."""


def unpack(package: str, folder: Path) -> None:
    """Fetch a package from the machine's own archive and lay its files below a folder.

    Args:
        package: its name.
        folder: exists and is empty.

    Raises:
        PackageError: if this is no Debian, or the package cannot be had; the reason is apt's.
    """
    for tool in ("apt-get", "dpkg-deb"):
        if not shutil.which(tool):
            raise PackageError(
                f"there is no {tool}: the pictures are in packages of Debian. Gather them on a "
                "Debian or in its container, and bring the folder here"
            )
    _call(package, ["apt-get", "--quiet", "download", package], folder)
    file = next(folder.glob("*.deb"))
    _call(package, ["dpkg-deb", "--extract", file.name, "."], folder)
    file.unlink()


def _call(package: str, command: Sequence[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1].removeprefix("E: ")
        raise PackageError(
            f"{command[0]} cannot get the package {package}: {reason}. Refresh the list of "
            "packages (`sudo apt-get update`) and try again"
        )
