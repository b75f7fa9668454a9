"""Evaluating a model version on a folder of pictures whose kind is known."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nophoto.jobs.evaluation.local_scoring import Picture, judge_pictures
from nophoto.jobs.evaluation.reference_sources import References
from nophoto.jobs.files import absolute, find_pictures
from nophoto.models.errors import NophotoError
from nophoto.models.vision.evaluation import Evaluation, Rate, evaluate
from nophoto.models.vision.matching import Judgement
from nophoto.models.vision.versions import ModelVersion, read_held_out
from nophoto.models.vision.versions.learnt import file_digest, learnt_digests
from nophoto.models.vocabulary import Verdict
from nophoto.worker.decoding.pool import Decoders
from nophoto.worker.inference.embedder import PictureFailure
from nophoto.worker.inference.network import Network
from nophoto.worker.settings import Settings

DECISION = 0.0
"""Score from which on a picture is a placeholder."""


class EvaluationError(NophotoError):
    """There is nothing to evaluate, or nothing to evaluate against."""


@dataclass(frozen=True, slots=True)
class Report:
    """What an evaluation found.

    Attributes:
        figures: over all pictures that were judged.
        model_version: its id.
        references: which set, for people.
        set_size: how many.
        failures: pictures that were not judged, by code.
        found_rates: share of the placeholders called so, by folder below `placeholder/`.
        false_alarm_rates: share of the real pictures called placeholders, by folder below `real/`.
        photos_per_second: reading, decoding, embedding and comparing; the references not counted.
        pictures: by kind, each picture's outcome.
        learnt: by kind, how many of the judged pictures the version was trained on.
        held_out: by kind, how many its training set the threshold and measured it by.
    """

    figures: Evaluation
    model_version: str
    references: str
    set_size: int
    failures: dict[str, int]
    found_rates: dict[str, Rate]
    false_alarm_rates: dict[str, Rate]
    photos_per_second: float
    pictures: dict[Verdict, list[Picture]]
    learnt: dict[Verdict, int]
    held_out: dict[Verdict, int]

    def as_dict(self) -> dict[str, Any]:
        """Every figure, as `nophoto evaluate --json` prints it."""
        return {
            "model_version": self.model_version,
            "references": self.references,
            "reference_set_size": self.set_size,
            **self.figures.as_dict(),
            "failures": self.failures,
            "learnt_by_the_version": {kind.value: n for kind, n in self.learnt.items()},
            "held_out_by_its_training": {kind.value: n for kind, n in self.held_out.items()},
            "photos_per_second": self.photos_per_second,
            "false_alarm_rates": _rates(self.false_alarm_rates),
            "found_rates": _rates(self.found_rates),
        }

    @property
    def failed(self) -> list[tuple[str, str]]:
        """The URI of each picture that was not judged, and why."""
        return [
            (picture.uri, picture.outcome.message)
            for some in self.pictures.values()
            for picture in some
            if isinstance(picture.outcome, PictureFailure)
        ]

    def scores(self, kind: Verdict) -> NDArray[np.float64]:
        """Of all judged pictures of a kind, (n,)."""
        return scores(self.pictures[kind])


def evaluate_folder(
    folder: Path,
    network: Network,
    references: References,
    settings: Settings,
    decoders: Decoders,
    *,
    on_progress: Callable[[int, int], None] = lambda *_: None,
) -> Report:
    """Judge every file below `folder/placeholder` and `folder/real`, and count.

    The pictures stay where they are: none joins the reference set or the database.

    Raises:
        EvaluationError: if a folder is missing or empty, a kind has no picture that can be
            judged, or the reference set is empty.
    """
    if not references.matrix.members:
        raise EvaluationError(
            "the reference set is empty, so no picture is similar to anything. Add placeholders "
            "with `nophoto references add FILE…`, or compare with a folder by --references DIR"
        )
    files = check_folder(folder)
    total = sum(map(len, files.values()))
    on_progress(0, total)
    pictures: dict[Verdict, list[Picture]] = {}
    before = 0
    started = monotonic()
    for kind, uris in files.items():
        judged_before = before

        def advance(done: int, judged_before: int = judged_before) -> None:
            on_progress(judged_before + done, total)

        pictures[kind] = list(
            judge_pictures(uris, network, references, settings, decoders, on_progress=advance)
        )
        before += len(uris)
    seconds = monotonic() - started
    found = {kind: scores(some) for kind, some in pictures.items()}
    for kind, values in found.items():
        if not len(values):
            raise EvaluationError(
                f"no picture in {folder / kind} could be judged: {_first_failure(pictures[kind])}"
            )
    learnt, held_out = _known(network.version, pictures)
    return Report(
        figures=evaluate(found[Verdict.PLACEHOLDER], found[Verdict.REAL], DECISION),
        model_version=network.version.id,
        references=references.source,
        set_size=len(references.matrix.members),
        failures=dict(
            Counter(
                picture.outcome.code.value
                for some in pictures.values()
                for picture in some
                if isinstance(picture.outcome, PictureFailure)
            )
        ),
        found_rates=_by_folder(pictures[Verdict.PLACEHOLDER], folder / Verdict.PLACEHOLDER),
        false_alarm_rates=_by_folder(pictures[Verdict.REAL], folder / Verdict.REAL),
        photos_per_second=total / seconds,
        pictures=pictures,
        learnt=learnt,
        held_out=held_out,
    )


def check_folder(folder: Path) -> dict[Verdict, list[str]]:
    """The files below `folder/placeholder` and `folder/real`.

    Raises:
        EvaluationError: if a folder is missing or empty.
    """
    return {kind: _files(folder, kind) for kind in Verdict}


def scores(pictures: Sequence[Picture]) -> NDArray[np.float64]:
    """Of those that were judged, (n,)."""
    values = [p.outcome.score for p in pictures if isinstance(p.outcome, Judgement)]
    return np.array([value for value in values if value is not None], np.float64)


def _files(folder: Path, kind: Verdict) -> list[str]:
    inside = folder / kind
    if not inside.is_dir():
        raise EvaluationError(
            f"{folder} has no folder `{kind}`. It must hold `placeholder` and `real`, each with "
            "pictures, nested as you like"
        )
    # Whatever a picture is called: one left out by its name would improve a figure unseen.
    found = find_pictures([str(inside)], every_file=True)
    if not found.uris:
        raise EvaluationError(f"{inside} holds no file; put pictures of that kind into it")
    return found.uris


def _known(
    version: ModelVersion, pictures: dict[Verdict, list[Picture]]
) -> tuple[dict[Verdict, int], dict[Verdict, int]]:
    """How many of the judged pictures the version learnt, and how many its training held out."""
    learnt, measured = learnt_digests(version), read_held_out(version)
    digests = {
        kind: [
            file_digest(Path(picture.uri))
            for picture in some
            if isinstance(picture.outcome, Judgement)
        ]
        for kind, some in pictures.items()
    }
    held_out = frozenset(digest for some in measured.values() for digest in some)
    return (
        {kind: sum(digest in learnt for digest in some) for kind, some in digests.items()},
        {kind: sum(digest in held_out for digest in some) for kind, some in digests.items()},
    )


def _by_folder(pictures: Sequence[Picture], base: Path) -> dict[str, Rate]:
    """The share called placeholders, by folder relative to `base`."""
    flagged: Counter[str] = Counter()
    judged: Counter[str] = Counter()
    for picture in pictures:
        if isinstance(picture.outcome, Judgement):
            name = Path(picture.uri).parent.relative_to(absolute(str(base))).as_posix()
            judged[name] += 1
            flagged[name] += picture.outcome.verdict == Verdict.PLACEHOLDER
    return {name: Rate(flagged[name], judged[name]) for name in sorted(judged)}


def _rates(rates: dict[str, Rate]) -> dict[str, dict[str, object]]:
    return {
        name: {
            "rate": rate.value,
            "interval": list(rate.interval),
            "flagged": rate.hits,
            "judged": rate.total,
        }
        for name, rate in rates.items()
    }


def _first_failure(pictures: Sequence[Picture]) -> str:
    return next(p.outcome.message for p in pictures if isinstance(p.outcome, PictureFailure))
