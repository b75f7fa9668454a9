"""From a package's files to pictures that can be learnt from."""

import io
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.random import Generator
from PIL import Image

from benchmarks.training_pictures import debian, npm, pypi
from benchmarks.training_pictures.composing import (
    goods_on_plain,
    is_cut_out,
    is_even,
    is_worth_laying,
)
from benchmarks.training_pictures.files import drawn, sources_of
from benchmarks.training_pictures.grounds import on_ground, pixels_on_ground
from benchmarks.training_pictures.package import Package, Registry, Use

MOST = {
    Use.OPENCV: 700,
    Use.GCOMPRIS: 500,
    Use.WALLPAPERS: 60,
    Use.STAMPS: 400,
    Use.RENDERS: 350,
    Use.LOGOS: 250,
    Use.FLAGS: 250,
    Use.CLIP_ART: 450,
    Use.ILLUSTRATIONS: 250,
    Use.SKETCHES: 100,
    Use.PIXEL_ART: 250,
    Use.FIGURES: 300,
    Use.MAPS: 200,
    Use.SCREENS: 300,
    Use.CARDS: 60,
    Use.INITIALS: 200,
    Use.IDENTICONS: 200,
    Use.CARTOONS: 600,
    Use.PROJECTS: 40,
    Use.NAMED_PROJECTS: 40,
}
"""Pictures of one package: no source may drown the others."""

GETTERS: Mapping[Registry, Callable[[str, Path], None]] = {
    Registry.DEBIAN: debian.unpack,
    Registry.PYPI: pypi.unpack,
    Registry.NPM: npm.unpack,
    Registry.DICEBEAR: npm.draw_avatars,
}
"""Each lays a package's files into a folder."""

_LAYERS: Mapping[Use, Callable[[Image.Image, Generator], Image.Image]] = {
    Use.STAMPS: goods_on_plain,
    Use.RENDERS: goods_on_plain,
    Use.LOGOS: on_ground,
    Use.FLAGS: on_ground,
    Use.CLIP_ART: on_ground,
    Use.ILLUSTRATIONS: on_ground,
    Use.SKETCHES: on_ground,
    Use.CARDS: on_ground,
    Use.PIXEL_ART: pixels_on_ground,
}
"""How what was cut out is laid on a ground; all else is taken as it is."""

_ON_WHITE = {
    Use.FIGURES,
    Use.MAPS,
    Use.SCREENS,
    Use.INITIALS,
    Use.IDENTICONS,
    Use.CARTOONS,
    Use.PROJECTS,
    Use.NAMED_PROJECTS,
}
_LONGEST = 768
_SMALLEST = 64
_ENLARGED = {Use.PIXEL_ART, Use.CARDS}
_SMALLEST_ENLARGED = 12
_MOST_PIXELS = 30_000_000


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
    own = folder / package.folder
    if not own.exists():
        own.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".gathering-", dir=folder) as temporary:
            unpacked, made = Path(temporary) / "package", Path(temporary) / "pictures"
            unpacked.mkdir()
            made.mkdir()
            getters[package.registry](package.name, unpacked)
            for number, picture in enumerate(_made(package, unpacked)):
                if package.use is Use.PIXEL_ART:
                    picture.save(made / f"{number:04}.png")
                else:
                    picture.save(made / f"{number:04}.jpg", quality=92)
            made.rename(own)
    return len(list(own.iterdir()))


def _made(package: Package, unpacked: Path) -> Iterator[Image.Image]:
    """At most `MOST` pictures, spread over all folders of a package."""
    count = 0
    for source in sources_of(package, unpacked):
        rng = np.random.default_rng(list(source.digest))
        picture = _one(package.use, drawn(source, package), rng)
        if picture:
            yield picture
            count += 1
        if count == MOST[package.use]:
            return


def _one(use: Use, data: bytes, rng: Generator) -> Image.Image | None:
    """The picture that a file becomes; None for what would teach nothing true."""
    smallest = _SMALLEST_ENLARGED if use in _ENLARGED else _SMALLEST
    with Image.open(io.BytesIO(data)) as image:
        if min(image.size) < smallest or image.width * image.height > _MOST_PIXELS:
            return None
        image.draft("RGB", (_LONGEST, _LONGEST))
        picture = image.convert("RGBA")
    if use in _LAYERS:
        if not is_worth_laying(picture) or _is_one_tone(picture):
            return None
        if use.is_of_games and max(picture.size) > 3 * min(picture.size):
            return None  # a strip of an animation
        return _LAYERS[use](picture, rng)
    if use in _ON_WHITE:
        ground = Image.new("RGBA", picture.size, "white")
        ground.alpha_composite(picture)
        if use not in {Use.PROJECTS, Use.NAMED_PROJECTS} and is_even(ground):
            return None
        picture = ground
    elif is_even(picture) or is_cut_out(picture):
        return None
    picture.thumbnail((_LONGEST, _LONGEST), Image.Resampling.BICUBIC, reducing_gap=2.0)
    return picture.convert("RGB")


def _is_one_tone(picture: Image.Image) -> bool:
    """Whether a picture is the same all over, its alpha too."""
    return is_even(picture) and not is_cut_out(picture)
