"""Judges every known picture by a network that has learnt from other projects only."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nophoto.models.errors import NophotoError
from nophoto.models.vision.matching import nearest_references
from nophoto.models.vision.pictures.decoder import Decoder
from nophoto.models.vision.training.features import Features
from nophoto.models.vision.training.fitting import fit_heads
from nophoto.models.vision.training.frozen import pooled_backbone
from nophoto.models.vision.training.recipes import Recipe
from nophoto.models.vision.training.reporting import Reporter
from nophoto.models.vision.training.samples import (
    Sample,
    negative_samples,
    placeholder_samples,
    upload_samples,
)


class CrossValidationError(NophotoError):
    """The pictures cannot be split into folds."""


@dataclass(frozen=True, slots=True)
class KnownPicture:
    """A picture file of which it is known what it is.

    Attributes:
        path: of the file.
        is_placeholder: or else it is real.
        project: where it comes from; a project's pictures are learnt together or judged together.
        kind: the folder that it lies in, below the one of all placeholders or all real pictures.
    """

    path: Path
    is_placeholder: bool
    project: str
    kind: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A known picture and what a network said that has not seen its project.

    Attributes:
        picture: the picture.
        fold: in which it was judged.
        similarity: with the nearest shipped reference.
    """

    picture: KnownPicture
    fold: int
    similarity: float


def cross_validate(
    recipe: Recipe,
    pictures: Sequence[KnownPicture],
    folds: int,
    decoder: Decoder,
    reporter: Reporter,
    placeholders: Sequence[Sequence[Path]] = (),
    real: Sequence[Sequence[Path]] = (),
    activations: Path | None = None,
) -> list[Judged]:
    """Train the recipe's heads for each fold on the other folds, and judge the fold by them.

    All pictures are compared with the shipped references.

    Args:
        recipe: how the heads are trained.
        pictures: each is judged once.
        folds: parts of the projects.
        decoder: decodes their files.
        reporter: told of the progress.
        placeholders: more files to learn in every fold, and never to judge, by source.
        real: likewise.
        activations: where they are kept for other trainings; None to keep nothing.

    Returns:
        Those pictures that can be read, by fold.

    Raises:
        CrossValidationError: if there are fewer projects than folds.
        WeightsError: if the backbone's weights cannot be had.
        ActivationCacheError: if `activations` cannot be read or written.
    """
    fold_of = assign_folds(pictures, folds)
    known = [picture.path for picture in pictures if picture.is_placeholder]
    sources = [*_by_kind(pictures), *real]
    placeholder_list = list(placeholder_samples(recipe, [known, *placeholders]))
    negative_list = list(negative_samples(recipe, sources))
    with tempfile.TemporaryDirectory(prefix="nophoto-") as scratch:
        frozen = pooled_backbone(recipe, Path(scratch), decoder, activations)
        positives = frozen.compute("placeholders", placeholder_list, reporter)
        negatives = frozen.compute("real pictures", negative_list, reporter)
        uploads = upload_samples([picture.path for picture in pictures])
        judged = frozen.compute("pictures to judge", uploads, reporter)
        references = frozen.references()
    fold_of_path = {picture.path: fold for picture, fold in zip(pictures, fold_of, strict=True)}
    folds_of_rows = np.array(fold_of)[judged.places]
    results = []
    for fold in range(folds):
        head = fit_heads(
            _without(fold, positives, placeholder_list, fold_of_path),
            _without(fold, negatives, negative_list, fold_of_path),
            recipe,
            reporter.on_epoch,
        )
        rows = np.flatnonzero(folds_of_rows == fold)
        embeddings, compared_with = (
            np.asarray(head.predict(values.astype(np.float32), batch_size=1024, verbose=0))
            for values in (judged.values[rows], references)
        )
        similarities = nearest_references(embeddings, compared_with)[0].tolist()
        results += [
            Judged(pictures[place], fold, similarity)
            for place, similarity in zip(judged.places[rows], similarities, strict=True)
        ]
    return results


def assign_folds(pictures: Sequence[KnownPicture], folds: int) -> list[int]:
    """The fold of each picture: whole projects, so that folds are alike in size.

    Raises:
        CrossValidationError: if there are fewer projects of either sort than folds.
    """
    counts: dict[str, NDArray[np.float64]] = {}
    for picture in pictures:
        counts.setdefault(picture.project, np.zeros(2))[int(picture.is_placeholder)] += 1
    for place, sort in enumerate(("real pictures", "placeholders")):
        projects = sum(count[place] > 0 for count in counts.values())
        if projects < folds:
            raise CrossValidationError(
                f"there are {sort} of {projects} projects, and {folds} folds need at least as many:"
                " sort the pictures into one folder a project, or ask for fewer folds"
            )
    total = np.sum(list(counts.values()), axis=0)
    filled = np.zeros((folds, 2))
    fold_of: dict[str, int] = {}
    # The largest first: the small ones even out what those leave uneven.
    for project in sorted(counts, key=lambda name: (-float((counts[name] / total).max()), name)):
        fold = int((filled / total**2 @ counts[project]).argmin())
        fold_of[project] = fold
        filled[fold] += counts[project]
    return [fold_of[picture.project] for picture in pictures]


def _by_kind(pictures: Sequence[KnownPicture]) -> list[list[Path]]:
    """The real pictures, those of one kind as one source."""
    sources: dict[str, list[Path]] = {}
    for picture in pictures:
        if not picture.is_placeholder:
            sources.setdefault(picture.kind, []).append(picture.path)
    return list(sources.values())


def _without(
    fold: int, features: Features, samples: Sequence[Sample], fold_of: dict[Path, int]
) -> Features:
    """What may be learnt where the pictures of `fold` are judged."""
    return features.where(
        np.array(
            [
                not isinstance(subject, Path) or fold_of.get(subject) != fold
                for subject in (samples[place].subject for place in features.places)
            ],
            np.bool_,
        )
    )
