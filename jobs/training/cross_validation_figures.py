"""The figures of a cross-validation, and the same as plain numbers and texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nophoto.models.vision.evaluation import Rate

if TYPE_CHECKING:
    from nophoto.models.vision.training.nearness import Judged, Nearness


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
