"""From a package's files to pictures that can be learnt from."""

import io
import tempfile
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.random import Generator
from PIL import Image

from benchmarks.training_pictures.composing import (
    goods_on_plain,
    icon_placeholder,
    is_cut_out,
    is_even,
    is_worth_laying,
)
from benchmarks.training_pictures.debian import unpack
from benchmarks.training_pictures.packages import Package, Use
from benchmarks.training_pictures.qt_resources import read_resources

MOST = {
    Use.OPENCV: 700,
    Use.GCOMPRIS: 500,
    Use.WALLPAPERS: 60,
    Use.STAMPS: 350,
    Use.ICONS: 105,
    Use.CLIP_ART: 450,
}
"""Pictures of one package: no source may drown the others."""

_LONGEST = 768
_SMALLEST = 64
_PICTURES = {".jpg", ".jpeg", ".png", ".webp"}


def gather(package: Package, folder: Path, get: Callable[[str, Path], None] = unpack) -> int:
    """Write the pictures of a package below a folder, the same ones for the same package.

    What is there already stays as it is: a package's folder appears when it is whole.

    Args:
        package: whose pictures.
        folder: of all training pictures; the package's own is made in it.
        get: lays the package's files into a folder.

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
            get(package.name, unpacked)
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
            else:
                yield file.read_bytes()


def _one(use: Use, data: bytes, rng: Generator) -> Image.Image | None:
    """The picture that a file becomes; None for what would teach nothing true."""
    with Image.open(io.BytesIO(data)) as image:
        if min(image.size) < _SMALLEST:
            return None
        image.draft("RGB", (_LONGEST, _LONGEST))
        picture = image.convert("RGBA")
    if use in (Use.ICONS, Use.CLIP_ART, Use.STAMPS):
        if not is_worth_laying(picture):
            return None
        lay = goods_on_plain if use is Use.STAMPS else icon_placeholder
        return lay(picture, rng)
    if is_even(picture) or is_cut_out(picture):
        return None
    picture.thumbnail((_LONGEST, _LONGEST), Image.Resampling.BICUBIC, reducing_gap=2.0)
    return picture.convert("RGB")
