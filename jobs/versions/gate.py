"""The gate before a promotion: is the serving form right, and the version no worse?"""

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from nophoto.models.vision.engines import load_engine
from nophoto.models.vision.engines.parity import PARITY, measure_parity
from nophoto.models.vision.evaluation.paired import PairedComparison
from nophoto.models.vision.versions import ModelVersion

FEWEST = 20
"""Pictures of each kind; fewer tell nothing, and a gate that they open is none."""

FOUND_LOST = 0.02
"""Share of the placeholders that a version may lose by chance, where the interval allows it."""

ALARMS_GAINED = 0.005
"""Share of the real pictures that it may flag in addition by chance, likewise."""


@dataclass(frozen=True, slots=True)
class Parity:
    """The lowest cosine between the serving form and the trained network.

    Attributes:
        value: None where it is not known.
        is_measured: now and here; else it is what the training measured and sealed.
    """

    value: float | None
    is_measured: bool

    @property
    def problem(self) -> str | None:
        """What is wrong with the serving form, as a sentence."""
        if self.value is not None and self.value >= PARITY:
            return None
        shown = "not known" if self.value is None else f"{self.value:.5f}"
        return (
            f"the lowest cosine of its serving form with the trained network is {shown}, and must "
            f"be {PARITY} at least; train or export it again"
        )


@dataclass(frozen=True, slots=True)
class GateReport:
    """What the gate found.

    Attributes:
        parity: of the candidate's serving form.
        compared_with: the id of the active version; None where there was none.
        compared_on: which pictures, for people.
        comparison: None where there were none to compare on.
        problems: with the comparison, a sentence each.
    """

    parity: Parity
    compared_with: str | None
    compared_on: str
    comparison: PairedComparison | None
    problems: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether the candidate may judge."""
        return not (self.parity.problem or self.problems)

    def as_dict(self) -> dict[str, Any]:
        """As plain values, as it is kept with the promotion."""
        return {
            "passed": self.passed,
            "problems": [*filter(None, [self.parity.problem]), *self.problems],
            "parity": self.parity.value,
            "parity_measured": self.parity.is_measured,
            "compared_with": self.compared_with,
            "compared_on": self.compared_on,
            **(self.comparison.as_dict() if self.comparison else {}),
        }


def check_parity(version: ModelVersion) -> Parity:
    """Measure it where the extra `train` is installed; else take what the training sealed.

    Raises:
        ServingFormError: if the serving form cannot be run at all.
    """
    if find_spec("keras") and find_spec("tensorflow"):
        return Parity(measure_parity(version), is_measured=True)
    load_engine(version)
    sealed = version.manifest.metrics.get("parity")
    return Parity(float(sealed) if isinstance(sealed, int | float) else None, is_measured=False)


def problems_of(
    comparison: PairedComparison | None, compared_on: str, remedy: str
) -> tuple[str, ...]:
    """Why a version may not take the place of the one it was compared with, a sentence each.

    Args:
        comparison: with the active version.
        compared_on: on which pictures.
        remedy: what to do where there are too few.
    """
    if comparison is None or min(comparison.placeholders, comparison.real_pictures) < FEWEST:
        counts = (
            f"{comparison.placeholders} placeholders and {comparison.real_pictures} real pictures"
            if comparison
            else "none"
        )
        return (
            f"too few pictures to compare on ({compared_on}: {counts}); it takes {FEWEST} of each "
            f"kind. {remedy}",
        )
    problems = []
    for name, figure, is_gain, allowed in (
        ("finds fewer placeholders", comparison.found, True, FOUND_LOST),
        ("flags more real pictures", comparison.false_alarms, False, ALARMS_GAINED),
        ("ranks worse (area under the ROC curve)", comparison.auc, True, FOUND_LOST),
    ):
        sign = 1 if is_gain else -1
        loss = -sign * figure.value
        low, high = figure.interval
        is_sure = (high < 0) if is_gain else (low > 0)
        if is_sure or loss > allowed:
            problems.append(
                f"it {name}: {figure.after:.2%} after {figure.before:.2%}, a difference of "
                f"{figure.value:+.2%} ({low:+.2%} to {high:+.2%})"
            )
    return tuple(problems)
