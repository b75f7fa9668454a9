"""Training a new model version on pictures of one's own."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nophoto.jobs.files import find_pictures
from nophoto.models.errors import NophotoError
from nophoto.models.extras import install_command

if TYPE_CHECKING:
    from nophoto.models.vision.pictures.decoder import Decoder
    from nophoto.models.vision.training.baseline.training import BaselineTraining
    from nophoto.models.vision.training.pictures import Pictures
    from nophoto.models.vision.training.reporting import Reporter
    from nophoto.models.vision.versions import ModelVersion
    from nophoto.worker.retraining.request import RetrainParameters

NEEDED = ("keras", "tensorflow")


class TrainingNotInstalledError(NophotoError):
    """What trains networks is not installed."""


class FolderNotFoundError(NophotoError):
    """A folder of pictures that was named is not there."""


def train(
    parameters: "RetrainParameters",
    pictures: "Pictures",
    folder: Path,
    decoder: "Decoder",
    reporter: "Reporter",
) -> "tuple[ModelVersion, BaselineTraining | None]":
    """Train a model version into a folder of its own below `folder / "versions"`.

    Args:
        parameters: the recipe and the rest of what was asked.
        pictures: to learn and to measure with.
        folder: of this training: called again with the same one, it goes on from its last epoch.
        decoder: decodes their files.
        reporter: told of the progress.

    Returns:
        The version, and what else a training by the baseline recipe tells.

    Raises:
        NophotoError: if the pictures do not suffice, the weights cannot be had, or the disk is
            full.
    """
    check_installed()
    from nophoto.models.vision.training.baseline.recipe import BaselineRecipe
    from nophoto.models.vision.training.pictures import check_held_out, check_pictures

    recipe = parameters.to_recipe()
    # Before TensorFlow is loaded, which takes longer than to look.
    if isinstance(recipe, BaselineRecipe):
        check_held_out(pictures)
    else:
        check_pictures(pictures)
    from nophoto.models.vision.training import training
    from nophoto.models.vision.training.activations import default_activations
    from nophoto.models.vision.training.baseline.training import train_baseline

    kept = Path(parameters.activations) if parameters.activations else default_activations()
    checkpoints = folder / "checkpoints"
    checkpoints.mkdir(parents=True, exist_ok=True)
    versions, target = folder / "versions", parameters.target
    if isinstance(recipe, BaselineRecipe):
        anchors, own = (
            Path(path) if path else None for path in (parameters.anchors, parameters.picture)
        )
        done = train_baseline(
            recipe, anchors, pictures, versions, target, decoder, reporter, kept, own, checkpoints
        )
        return done.version, done
    version = training.train(
        recipe, pictures, versions, target, decoder, reporter, kept, checkpoints
    )
    return version, None


def files_below(folders: Sequence[Path]) -> list[Path]:
    """The picture files below some folders, sorted.

    Raises:
        FolderNotFoundError: if one is not there or cannot be read.
    """
    found = find_pictures([str(folder) for folder in folders])
    if found.problems:
        name, problem = next(iter(found.problems.items()))
        raise FolderNotFoundError(f"{name}: {problem}; name a folder of pictures")
    return [Path(uri) for uri in found.uris]


def check_installed() -> None:
    """Make sure that what trains networks is installed.

    Raises:
        TrainingNotInstalledError: if it is not.
    """
    from importlib.util import find_spec

    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise TrainingNotInstalledError(
            f"training needs {' and '.join(missing)}, not installed here. Run "
            f"`{install_command('train')}`"
        )
