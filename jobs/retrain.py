"""Training a new model version on pictures of one's own."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from jobs.files import find_pictures
from models.errors import NophotoError

if TYPE_CHECKING:
    from models.vision.training.recipes import Recipe
    from models.vision.training.training import Pictures, Reporter
    from models.vision.versions import ModelVersion

NEEDED = ("keras", "tensorflow")


class TrainingNotInstalledError(NophotoError):
    """What trains networks is not installed."""


class FolderNotFoundError(NophotoError):
    """A folder of pictures that was named is not there."""


def collect(
    placeholders: Sequence[Path], real: Sequence[Path], held_out: Path, sources: str
) -> "Pictures":
    """The pictures of a training, found below the folders named.

    Args:
        placeholders: folders of placeholder pictures, beside the drawn ones.
        real: folders of real pictures, one a source.
        held_out: holds `placeholder/` and `real/`, to measure with.
        sources: Markdown on where they come from, for the model card.
    """
    _check_installed()
    from models.vision.training.training import Pictures

    return Pictures(
        placeholders=_files(placeholders),
        real=[_files([folder]) for folder in real],
        held_out_placeholders=_files([held_out / "placeholder"]),
        held_out_real=_files([held_out / "real"]),
        sources=sources,
    )


def retrain(
    recipe: "Recipe", pictures: "Pictures", out: Path, target: float, reporter: "Reporter"
) -> "ModelVersion":
    """Train a model version into a folder of its own below `out`; see `training.train`."""
    _check_installed()
    from models.vision.training.training import train

    return train(recipe, pictures, out, target, reporter)


def _files(folders: Sequence[Path]) -> list[Path]:
    found = find_pictures([str(folder) for folder in folders])
    if found.problems:
        name, problem = next(iter(found.problems.items()))
        raise FolderNotFoundError(f"{name}: {problem}; name a folder of pictures")
    return [Path(uri) for uri in found.uris]


def _check_installed() -> None:
    from importlib.util import find_spec

    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise TrainingNotInstalledError(
            f"training needs {' and '.join(missing)}, not installed here. Run "
            "`pip install 'nophoto[train]'`"
        )
