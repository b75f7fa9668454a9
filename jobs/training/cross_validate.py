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
from nophoto.models.vocabulary import DEFAULT_FALSE_POSITIVE_RATE, Kind, Verdict

if TYPE_CHECKING:
    from nophoto.models.vision.pictures.decoder import Decoder
    from nophoto.models.vision.training.cross_validation import KnownPicture
    from nophoto.models.vision.training.nearness import Judged, Nearness
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
        project_interval: its 95 % interval, by drawing projects again.
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
class Decision:
    """What the shipped decision makes of the pictures, its reaches calibrated for each fold.

    Attributes:
        rate: of the cohort that the references may claim.
        recall: of clear placeholders, those that nobody could take for an upload, of a kind that is
            on.
        by_kind: the same by kind.
        false_positives: of all real pictures.
        by_group: of the real pictures, by folder, the worst first.
        by_project: of the real pictures, by project, the worst first.
    """

    rate: float
    recall: Rate
    by_kind: dict[str, Rate]
    false_positives: Rate
    by_group: dict[str, Rate]
    by_project: dict[str, Rate]


@dataclass(frozen=True, slots=True)
class CrossValidation:
    """What a recipe makes of pictures of projects that it has not seen.

    Attributes:
        auc: area under the ROC curve, of clear placeholders against all real pictures.
        decision: at the shipped rate.
        nearness: what the space keeps of its order.
        at: by false-alarm rate.
        judged: every picture with its score.
    """

    auc: float
    decision: Decision
    nearness: "Nearness"
    at: Sequence[Found]
    judged: Sequence["Judged"]

    def as_dict(self) -> dict[str, Any]:
        """The figures as plain numbers and texts."""
        return {
            "auc": self.auc,
            "decision": {
                "rate": self.decision.rate,
                "recall": _as_dict(self.decision.recall),
                "recall_by_kind": _as_dicts(self.decision.by_kind),
                "false_positives": _as_dict(self.decision.false_positives),
                "false_positives_by_folder": _as_dicts(self.decision.by_group),
                "false_positives_by_project": _as_dicts(self.decision.by_project),
            },
            "nearness": {
                "median_cosine_of_references": self.nearness.median_cosine,
                **_as_dicts(nearness_rates(self.nearness)),
            },
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
                    "score": judged.score,
                    "kind_of_reference": judged.kind,
                }
                for judged in self.judged
            ],
        }


def known_pictures(
    folders: Iterable[Path], projects: Sequence[Path] = (), kinds: Path | None = None
) -> "list[KnownPicture]":
    """The pictures below `placeholder/` and `real/` of each folder, each content once.

    Args:
        folders: of known pictures.
        projects: CSV files with the columns `path`, relative to its own folder, and `project` or
            `source_repo`. A picture that they do not name, and every picture without such a file,
            is of the project that its folder is called, or one of its own where it lies directly
            in `placeholder/` or `real/`.
        kinds: a CSV file with the columns `path`, relative to its own folder, `kind` and
            `ambiguous` (1 where a person who sees a placeholder alone could take it for an upload).

    Raises:
        EvaluationError: if a folder lacks `placeholder/` or `real/`, or one is empty.
        ProjectsFileError: if `projects` cannot be read or lacks a column.
    """
    check_installed()
    from nophoto.models.vision.training.cross_validation import KnownPicture

    named = {path: name for file in projects for path, name in _named_projects(file).items()}
    described = _described(kinds) if kinds else {}
    seen: set[bytes] = set()
    pictures = []
    for folder in folders:
        for verdict, uris in check_folder(folder).items():
            for path in map(Path, uris):
                digest = sha256(path.read_bytes()).digest()
                if digest in seen:
                    continue
                seen.add(digest)
                group = path.parent.relative_to((folder / verdict).absolute()).as_posix()
                project = named.get(path.resolve()) or (group if group != "." else path.name)
                of_kind, is_ambiguous = described.get(path.resolve(), (None, False))
                is_placeholder = verdict == Verdict.PLACEHOLDER
                pictures.append(
                    KnownPicture(path, is_placeholder, project, group, of_kind, is_ambiguous)
                )
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


def summarise(judged: "Sequence[Judged]", nearness: "Nearness") -> CrossValidation:
    """The figures of judged pictures, at least one of either sort and one real one not hard."""
    from nophoto.models.vision.training.nearness import is_clear

    placeholders = [item for item in judged if item.picture.is_placeholder]
    real = [item for item in judged if not item.picture.is_placeholder]
    ordinary = _scores(item for item in real if not _is_hard(item))
    clear = [item for item in placeholders if is_clear(item.picture)]
    return CrossValidation(
        auc(_scores(clear or placeholders), _scores(real)),
        Decision(
            DEFAULT_FALSE_POSITIVE_RATE,
            _rate(clear, 0.0),
            _rates(clear, 0.0, lambda item: item.picture.kind or "unnamed"),
            _rate(real, 0.0),
            _worst_first(_rates(real, 0.0, lambda item: item.picture.group)),
            _worst_first(_rates(real, 0.0, lambda item: item.picture.project)),
        ),
        nearness,
        [
            _found(rate, threshold_at(ordinary, rate), placeholders, real)
            for rate in FALSE_POSITIVE_RATES
        ],
        judged,
    )


def _worst_first(rates: dict[str, Rate]) -> dict[str, Rate]:
    return dict(sorted(rates.items(), key=lambda item: (-item[1].value, -item[1].total)))


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
        _rates(placeholders, threshold, lambda item: item.picture.group),
        _rates(real, threshold, lambda item: item.picture.group),
        _rate([item for item in real if _is_hard(item)], threshold),
    )


def _rates(
    judged: "list[Judged]", threshold: float, name: "Callable[[Judged], str]"
) -> dict[str, Rate]:
    totals = Counter(map(name, judged))
    hits = Counter(name(item) for item in judged if item.score >= threshold)
    return {key: Rate(hits[key], totals[key]) for key in sorted(totals)}


def _rate(judged: "list[Judged]", threshold: float) -> Rate:
    return Rate(sum(item.score >= threshold for item in judged), len(judged))


def _scores(judged: "Iterable[Judged]") -> NDArray[np.float64]:
    return np.array([item.score for item in judged])


def _is_hard(item: "Judged") -> bool:
    return Path(item.picture.group).parts[:1] == (HARD,)


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


def _described(file: Path) -> dict[Path, tuple[Kind | None, bool]]:
    try:
        with file.open(newline="", encoding="utf-8") as opened:
            rows = csv.DictReader(opened)
            missing = {"path", "kind", "ambiguous"} - set(rows.fieldnames or ())
            if missing:
                raise ProjectsFileError(f"{file} lacks the columns {', '.join(sorted(missing))}")
            return {
                (file.parent / row["path"]).resolve(): (
                    Kind(row["kind"]) if row["kind"] in set(Kind) else None,
                    row["ambiguous"] == "1",
                )
                for row in rows
            }
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ProjectsFileError(f"{file} cannot be read ({error}); name a CSV file") from error


def nearness_rates(nearness: "Nearness") -> dict[str, Rate]:
    """The shares of a `Nearness` by what they are shares of."""
    rates = {
        "kind of the nearest reference right, unseen placeholders": nearness.kinds,
        "changed references whose nearest is their own, one change": nearness.own_single,
        "changed references whose nearest is their own, three changes": nearness.own_three,
        "changed references found, one change": nearness.found_single,
        "changed references found, three changes": nearness.found_three,
        "a real picture as reference: others flagged, mean": nearness.photograph_others,
        "a real picture as reference: others flagged, worst": nearness.photograph_worst,
        "a real picture as reference: its changed copies found": nearness.photograph_copies,
    }
    for kind, (still, lost) in sorted(nearness.retired.items()):
        rates[f"{kind} retired: still flagged"] = still
        rates[f"{kind} retired: recall lost elsewhere"] = lost
    return rates


def _as_dicts(rates: dict[str, Rate]) -> dict[str, Any]:
    return {name: _as_dict(rate) for name, rate in rates.items()}


def _as_dict(rate: Rate) -> dict[str, Any]:
    return {"share": rate.value, "interval": list(rate.interval), "of": [rate.hits, rate.total]}
