"""Fetches packages of npm, and has DiceBear draw its avatars."""

import tarfile
from pathlib import Path

from benchmarks.training_pictures.commands import call

_REMEDY = "It takes npm and its registry (`sudo apt-get install npm`)"
_DRAWER = Path(__file__).with_name("dicebear.mjs")


def unpack(package: str, folder: Path) -> None:
    """Lay the files of a package below a folder, where npm would install it.

    Nothing of it is run, and what it depends on is not fetched.

    Args:
        package: its name and version, `name@version`.
        folder: exists and is empty.

    Raises:
        PackageError: if there is no npm, or the package cannot be had; the reason is npm's.
    """
    call(["npm", "pack", "--silent", package], folder, package, _REMEDY)
    file = next(folder.glob("*.tgz"))
    own = folder / "node_modules" / package.rpartition("@")[0]
    with tarfile.open(file) as archive:
        for member in archive.getmembers():
            # All lies below one folder, `package` as a rule.
            _, _, member.name = member.name.partition("/")
            if member.name:
                archive.extract(member, own, filter="data")
    file.unlink()


def draw_avatars(package: str, folder: Path) -> None:
    """Lay avatars in all of DiceBear's styles into `folder / "avatars"`, as SVG.

    Args:
        package: DiceBear's collection of styles, `name@version`.
        folder: exists and is empty.

    Raises:
        PackageError: if npm or Node is absent, or the package cannot be had.
    """
    core = package.replace("collection", "core")
    _install([package, core], folder, package)
    drawer = folder / _DRAWER.name
    # Node looks for packages from where the script lies.
    drawer.write_bytes(_DRAWER.read_bytes())
    call(["node", drawer.name, "avatars"], folder, package, _REMEDY)


def _install(packages: list[str], folder: Path, package: str) -> None:
    options = ["--ignore-scripts", "--legacy-peer-deps", "--no-audit", "--no-fund"]
    call(["npm", "install", "--prefix", ".", *options, *packages], folder, package, _REMEDY)
