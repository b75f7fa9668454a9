"""Cross-validating a recipe by project on folders of pictures whose kind is known."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from nophoto.jobs.training.cross_validation_figures import CrossValidation
from nophoto.jobs.training.cross_validation_summary import summarise
from nophoto.jobs.training.train import files_below
from nophoto.models.vocabulary import DEFAULT_FALSE_POSITIVE_RATE

if TYPE_CHECKING:
    from nophoto.models.vision.pictures.decoder import Decoder
    from nophoto.models.vision.training.cross_validation import KnownPicture
    from nophoto.models.vision.training.recipes import Recipe
    from nophoto.models.vision.training.reporting import Reporter


def cross_validate(
    recipe: "Recipe",
    pictures: "Sequence[KnownPicture]",
    folds: int,
    decoder: "Decoder",
    reporter: "Reporter",
    placeholders: Sequence[Path] = (),
    real: Sequence[Path] = (),
    activations: Path | None = None,
) -> CrossValidation:
    """Judge each picture by a network that has not seen its project; see `cross_validation`.

    Args:
        recipe: what is measured.
        pictures: from `known_pictures`.
        folds: parts of the projects.
        decoder: decodes their files.
        reporter: told of the progress.
        placeholders: folders of more placeholders to learn in every fold.
        real: folders of more real pictures to learn, one a source. Files with the content of one of
            `pictures` are left out of both.
        activations: where they are kept between trainings; None for this user's own place.
    """
    from nophoto.models.vision.training import cross_validation
    from nophoto.models.vision.training.activations import default_activations
    from nophoto.models.vision.training.nearness import judge_folds

    known = {sha256(picture.path.read_bytes()).digest() for picture in pictures}

    def others(folder: Path) -> list[Path]:
        return [
            path
            for path in files_below([folder])
            if sha256(path.read_bytes()).digest() not in known
        ]

    embedded = cross_validation.cross_validate(
        recipe,
        pictures,
        folds,
        decoder,
        reporter,
        [others(folder) for folder in placeholders],
        [others(folder) for folder in real],
        activations or default_activations(),
    )
    judged, space = judge_folds(embedded, DEFAULT_FALSE_POSITIVE_RATE)
    return summarise(judged, space)
