"""Fetches packages of Debian and unpacks them without installing anything."""

from pathlib import Path

from benchmarks.training_pictures.commands import call

_REMEDY = (
    "Gather the pictures on a Debian or in its container, with a fresh list of packages "
    "(`sudo apt-get update`), and bring the folder here"
)


def unpack(package: str, folder: Path) -> None:
    """Fetch a package from the machine's own archive and lay its files below a folder.

    Args:
        package: its name.
        folder: exists and is empty.

    Raises:
        PackageError: if this is no Debian, or the package cannot be had; the reason is apt's.
    """
    call(["apt-get", "--quiet", "download", package], folder, package, _REMEDY)
    file = next(folder.glob("*.deb"))
    call(["dpkg-deb", "--extract", file.name, "."], folder, package, _REMEDY)
    file.unlink()
