"""Embeds every known picture by a network that has learnt from other projects only."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nophoto.models.errors import NophotoError
from nophoto.models.vision.pictures.decoder import Decoder
from nophoto.models.vision.training.cohort import split_cohort
from nophoto.models.vision.training.features import Features
from nophoto.models.vision.training.fitting import embed, fit_head
from nophoto.models.vision.training.frozen import pooled_backbone
from nophoto.models.vision.training.nearness_samples import NearnessSamples, nearness_samples
from nophoto.models.vision.training.recipes import Recipe
from nophoto.models.vision.training.reporting import Reporter
from nophoto.models.vision.training.samples import (
    Sample,
    cohort_samples,
    given_samples,
    negative_samples,
    placeholder_samples,
    upload_samples,
)
from nophoto.models.vocabulary import Kind

Vectors = NDArray[np.float32]
"""L2-normalised embeddings, (n, dimension)."""


class CrossValidationError(NophotoError):
    """The pictures cannot be split into folds."""


@dataclass(frozen=True, slots=True)
class KnownPicture:
    """A picture file of which it is known what it is.

    Attributes:
        path: of the file.
        is_placeholder: or else it is real.
        project: where it comes from; a project's pictures are learnt together or judged together.
        group: the folder that it lies in, below the one of all placeholders or all real pictures.
        kind: of a placeholder, where somebody has named it.
        is_ambiguous: whether a person who sees a placeholder alone could take it for an upload.
    """

    path: Path
    is_placeholder: bool
    project: str
    group: str
    kind: Kind | None = None
    is_ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class FoldEmbeddings:
    """What a network makes of pictures of projects that it has not seen.

    Attributes:
        pictures: those of the fold that could be read.
        vectors: of them.
        references: of the shipped references.
        cohort: of real pictures of other projects, none learnt.
        changed: of changed references and changed real pictures of the fold.
        samples: what `changed` was made of.
    """

    pictures: Sequence[KnownPicture]
    vectors: Vectors
    references: Vectors
    cohort: Vectors
    changed: Vectors
    samples: NearnessSamples


def cross_validate(
    recipe: Recipe,
    pictures: Sequence[KnownPicture],
    folds: int,
    decoder: Decoder,
    reporter: Reporter,
    placeholders: Sequence[Sequence[Path]] = (),
    real: Sequence[Sequence[Path]] = (),
    activations: Path | None = None,
) -> list[FoldEmbeddings]:
    """Train the recipe's head for each fold on the other folds, and embed the fold by it.

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
        One for each fold.

    Raises:
        CrossValidationError: if there are fewer projects than folds.
        WeightsError: if the backbone's weights cannot be had.
        ActivationCacheError: if `activations` cannot be read or written.
    """
    fold_of = assign_folds(pictures, folds)
    known = [picture for picture in pictures if picture.is_placeholder]
    learnt_real, kept_real = split_cohort(_by_group(pictures), recipe.cohort_share)
    placeholder_list = [
        *placeholder_samples(recipe, placeholders),
        *_known_placeholders(recipe, known),
    ]
    negative_list = list(negative_samples(recipe, [*learnt_real, *real]))
    cohort_list = list(cohort_samples(kept_real))
    uploads = upload_samples([picture.path for picture in pictures])
    tried = nearness_samples(pictures)
    with tempfile.TemporaryDirectory(prefix="nophoto-") as scratch:
        frozen = pooled_backbone(recipe, Path(scratch), decoder, activations)
        positives = frozen.compute("placeholders", placeholder_list, reporter)
        negatives = frozen.compute("real pictures", negative_list, reporter)
        kept = frozen.compute("the cohort", cohort_list, reporter)
        judged = frozen.compute("pictures to judge", uploads, reporter)
        changed = frozen.compute("changed pictures", tried.samples, reporter)
        references = frozen.references()
    fold_of_path = {picture.path: fold for picture, fold in zip(pictures, fold_of, strict=True)}
    folds_of_rows = np.array(fold_of)[judged.places]
    results = []
    for fold in range(folds):
        learnt = negatives.where(_outside(fold, negatives, negative_list, fold_of_path))
        cohort = kept.where(_outside(fold, kept, cohort_list, fold_of_path))
        head = fit_head(
            positives.where(_outside(fold, positives, placeholder_list, fold_of_path)),
            learnt,
            recipe,
            reporter.on_epoch,
        )
        rows = np.flatnonzero(folds_of_rows == fold)
        in_fold = ~_outside(fold, changed, tried.samples, fold_of_path, references=False)
        results.append(
            FoldEmbeddings(
                [pictures[place] for place in judged.places[rows]],
                embed(head, judged.values[rows]),
                embed(head, references),
                embed(head, cohort.values),
                embed(head, changed.values[in_fold]),
                tried.at(changed.places[in_fold]),
            )
        )
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


def _by_group(pictures: Sequence[KnownPicture]) -> list[list[Path]]:
    """The real pictures, those of one group as one source."""
    sources: dict[str, list[Path]] = {}
    for picture in pictures:
        if not picture.is_placeholder:
            sources.setdefault(picture.group, []).append(picture.path)
    return list(sources.values())


def _known_placeholders(recipe: Recipe, pictures: Sequence[KnownPicture]) -> list[Sample]:
    return [
        sample
        for picture in pictures
        for sample in given_samples(
            recipe, picture.path, "given-known", picture.kind or Kind.OWN, picture.project
        )
    ]


def _outside(
    fold: int,
    features: Features,
    samples: Sequence[Sample],
    fold_of: dict[Path, int],
    references: bool = True,
) -> NDArray[np.bool_]:
    """Which rows of features are of pictures that are not judged in `fold`."""
    return np.array(
        [
            fold_of.get(subject) != fold if isinstance(subject, Path) else references
            for subject in (samples[place].subject for place in features.places)
        ],
        np.bool_,
    )
