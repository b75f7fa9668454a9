"""The pictures of the demo: real photographs that installed packages carry, and fresh drawings."""

from collections.abc import Iterator
from importlib.util import find_spec
from itertools import count as countless
from itertools import islice
from pathlib import Path

from PIL import Image

from nophoto.models.errors import NophotoError
from nophoto.models.extras import install_command
from nophoto.models.vision.drawing import draw
from nophoto.models.vision.matching import kind_of_drawing
from nophoto.models.vocabulary import DEFAULT_KIND_MODES, KindMode

PHOTOGRAPHS = {
    "skimage": (
        "data",
        (
            "astronaut.png",
            "brick.png",
            "camera.png",
            "cell.png",
            "chelsea.png",
            "coffee.png",
            "coins.png",
            "grass.png",
            "gravel.png",
            "hubble_deep_field.jpg",
            "ihc.png",
            "moon.png",
            "motorcycle_left.png",
            "motorcycle_right.png",
            "retina.jpg",
            "rocket.jpg",
        ),
    ),
    "sklearn": ("datasets/images", ("china.jpg", "flower.jpg")),
    "matplotlib": ("mpl-data/sample_data", ("grace_hopper.jpg",)),
}
"""By package: a folder in it, and every photograph there, the hard ones (textures, a cell, the
moon) too. Diagrams, logos and scanned text are left out, since they are no photographs."""

FIRST_SEED = 1_000
"""The shipped references are drawn from seeds far below."""


class DemoPicturesError(NophotoError):
    """The packages that carry the photographs are not installed."""


def photographs() -> Iterator[Path]:
    """The files of `PHOTOGRAPHS`.

    Raises:
        DemoPicturesError: if a package is not installed.
    """
    for package, (folder, names) in PHOTOGRAPHS.items():
        spec = find_spec(package)
        if spec is None or not spec.submodule_search_locations:
            raise DemoPicturesError(
                f"the demo's photographs come with {package}, which is not installed. Run "
                f"`{install_command('demo')}`"
            )
        inside = Path(spec.submodule_search_locations[0], folder)
        # A later release of the package may carry fewer.
        yield from (inside / name for name in names if (inside / name).is_file())


def is_claimed(drawing: str) -> bool:
    """Whether references claim what is like a drawing, by its name, where no setting says more."""
    return DEFAULT_KIND_MODES[kind_of_drawing(drawing)] == KindMode.ON


def changed_copies(file: Path, folder: Path) -> Iterator[Path]:
    """Copies of a picture as platforms make them: re-encoded, and half as large."""
    with Image.open(file) as opened:
        picture = opened.convert("RGB")
    for name, copy in (("as-jpeg", picture), ("half-size", picture.reduce(2))):
        path = folder / f"{file.stem}-{name}.jpg"
        copy.save(path, quality=85)
        yield path


def draw_placeholders(folder: Path, count: int) -> Iterator[Path]:
    """Draw `count` placeholders that are not in the reference set, in the formats of uploads.

    Of kinds that are on by default, since of the others only copies of references are found.
    """
    drawings = (draw(seed) for seed in countless(FIRST_SEED))
    claimed = (one for one in drawings if is_claimed(one.kind))
    for place, drawing in enumerate(islice(claimed, count)):
        suffix = (".png", ".jpg", ".webp")[place % 3]
        file = folder / f"{drawing.kind}-{drawing.seed}{suffix}"
        drawing.image.save(file)
        yield file
