"""Cross-validating a recipe by project on folders of pictures whose kind is known."""

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nophoto.jobs.evaluation.evaluate import check_folder
from nophoto.jobs.training.train import check_installed, files_below
from nophoto.models.errors import NophotoError
from nophoto.models.vision.evaluation import Rate, auc, threshold_at
from nophoto.models.vision.evaluation.metrics import FALSE_POSITIVE_RATES
from nophoto.models.vocabulary import Verdict

if TYPE_CHECKING:
    from nophoto.models.vision.pictures.decoder import Decoder
    from nophoto.models.vision.training.cross_validation import Judged, KnownPicture
    from nophoto.models.vision.training.recipes import Recipe
    from nophoto.models.vision.training.reporting import Reporter

HARD = "hard"
"""The folder in `real/` whose pictures are not counted when thresholds are set."""

_RESAMPLES = 2_000


class ProjectsFileError(NophotoError):
    """The file that names the pictures' projects cannot be used."""


@dataclass(frozen=True, slots=True)
class Found:
    """What is found at one false-alarm rate.

    Attributes:
        rate: of the ordinary real pictures, those outside `hard/`.
        threshold: that keeps it.
        found: of all placeholders.
        project_mean: the mean of the projects' shares, each project counting the same.
        project_interval: its 95 % interval, by drawing projects anew.
        by_project, by_kind: of the placeholders.
        false_alarms: of all real pictures, by kind.
        hard: false alarms among the pictures in `hard/`.
    """

    rate: float
    threshold: float
    found: Rate
    project_mean: float
    project_interval: tuple[float, float]
    by_project: dict[str, Rate]
    by_kind: dict[str, Rate]
    false_alarms: dict[str, Rate]
    hard: Rate


@dataclass(frozen=True, slots=True)
class CrossValidation:
    """What a recipe makes of pictures of projects that it has not seen.

    Attributes:
        auc: area under the ROC curve over all pictures.
        at: by false-alarm rate.
        judged: every picture with its similarity.
    """

    auc: float
    at: Sequence[Found]
    judged: Sequence["Judged"]

    def as_dict(self) -> dict[str, Any]:
        """The figures as plain numbers and texts."""
        return {
            "auc": self.auc,
            "at": [
                {
                    "false_alarm_rate": found.rate,
                    "threshold": found.threshold,
                    "found": _as_dict(found.found),
                    "found_by_project": {
                        "mean": found.project_mean,
                        "interval": list(found.project_interval),
                        "projects": {n: _as_dict(r) for n, r in found.by_project.items()},
                    },
                    "found_by_kind": {n: _as_dict(r) for n, r in found.by_kind.items()},
                    "false_alarms_by_kind": {n: _as_dict(r) for n, r in found.false_alarms.items()},
                    "hard_false_alarms": _as_dict(found.hard),
                }
                for found in self.at
            ],
            "pictures": [
                {
                    "path": str(judged.picture.path),
                    "kind": "placeholder" if judged.picture.is_placeholder else "real",
                    "project": judged.picture.project,
                    "fold": judged.fold,
                    "similarity": judged.similarity,
                }
                for judged in self.judged
            ],
        }


def known_pictures(folders: Iterable[Path], projects: Path | None) -> "list[KnownPicture]":
    """The pictures below `placeholder/` and `real/` of each folder, each content once.

    Args:
        folders: of known pictures.
        projects: a CSV file with the columns `path`, relative to its own folder, and `project` or
            `source_repo`. A picture that it does not name, and every picture without such a file,
            is of the project that its folder is called, or one of its own where it lies directly
            in `placeholder/` or `real/`.

    Raises:
        EvaluationError: if a folder lacks `placeholder/` or `real/`, or one is empty.
        ProjectsFileError: if `projects` cannot be read or lacks a column.
    """
    check_installed()
    from nophoto.models.vision.training.cross_validation import KnownPicture

    named = _named_projects(projects) if projects else {}
    seen: set[bytes] = set()
    pictures = []
    for folder in folders:
        for verdict, uris in check_folder(folder).items():
            for path in map(Path, uris):
                digest = sha256(path.read_bytes()).digest()
                if digest in seen:
                    continue
                seen.add(digest)
                kind = path.parent.relative_to((folder / verdict).absolute()).as_posix()
                project = named.get(path.resolve()) or (kind if kind != "." else path.name)
                pictures.append(KnownPicture(path, verdict == Verdict.PLACEHOLDER, project, kind))
    return pictures


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

    known = {sha256(picture.path.read_bytes()).digest() for picture in pictures}

    def others(folder: Path) -> list[Path]:
        return [
            path
            for path in files_below([folder])
            if sha256(path.read_bytes()).digest() not in known
        ]

    judged = cross_validation.cross_validate(
        recipe,
        pictures,
        folds,
        decoder,
        reporter,
        [others(folder) for folder in placeholders],
        [others(folder) for folder in real],
        activations or default_activations(),
    )
    return summarise(judged)


def summarise(judged: "Sequence[Judged]") -> CrossValidation:
    """The figures of judged pictures, at least one of either sort and one real one not hard."""
    placeholders = [item for item in judged if item.picture.is_placeholder]
    real = [item for item in judged if not item.picture.is_placeholder]
    ordinary = _similarities(item for item in real if not _is_hard(item))
    return CrossValidation(
        auc(_similarities(placeholders), _similarities(real)),
        [
            _found(rate, threshold_at(ordinary, rate), placeholders, real)
            for rate in FALSE_POSITIVE_RATES
        ],
        judged,
    )


def _found(
    rate: float, threshold: float, placeholders: "list[Judged]", real: "list[Judged]"
) -> Found:
    by_project = _rates(placeholders, threshold, lambda item: item.picture.project)
    shares = np.array([share.value for share in by_project.values()])
    rng = np.random.default_rng(0)
    means = rng.choice(shares, (_RESAMPLES, len(shares))).mean(axis=1)
    low, high = np.quantile(means, (0.025, 0.975)).tolist()
    return Found(
        rate,
        threshold,
        _rate(placeholders, threshold),
        float(shares.mean()),
        (low, high),
        by_project,
        _rates(placeholders, threshold, lambda item: item.picture.kind),
        _rates(real, threshold, lambda item: item.picture.kind),
        _rate([item for item in real if _is_hard(item)], threshold),
    )


def _rates(
    judged: "list[Judged]", threshold: float, name: "Callable[[Judged], str]"
) -> dict[str, Rate]:
    totals = Counter(map(name, judged))
    hits = Counter(name(item) for item in judged if item.similarity >= threshold)
    return {key: Rate(hits[key], totals[key]) for key in sorted(totals)}


def _rate(judged: "list[Judged]", threshold: float) -> Rate:
    return Rate(sum(item.similarity >= threshold for item in judged), len(judged))


def _similarities(judged: "Iterable[Judged]") -> NDArray[np.float64]:
    return np.array([item.similarity for item in judged])


def _is_hard(item: "Judged") -> bool:
    return Path(item.picture.kind).parts[:1] == (HARD,)


def _named_projects(file: Path) -> dict[Path, str]:
    try:
        with file.open(newline="", encoding="utf-8") as opened:
            rows = csv.DictReader(opened)
            columns = set(rows.fieldnames or ())
            column = next((name for name in ("project", "source_repo") if name in columns), None)
            if column is None or "path" not in columns:
                raise ProjectsFileError(
                    f"{file} needs a column `path` and a column `project` or `source_repo`; it has "
                    f"{', '.join(sorted(columns)) or 'none'}"
                )
            return {(file.parent / row["path"]).resolve(): row[column] for row in rows}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ProjectsFileError(f"{file} cannot be read ({error}); name a CSV file") from error


def _as_dict(rate: Rate) -> dict[str, Any]:
    return {"share": rate.value, "interval": list(rate.interval), "of": [rate.hits, rate.total]}
