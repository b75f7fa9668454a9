"""What the demo found, and what of it is good."""

from dataclasses import dataclass, field
from pathlib import Path

from nophoto.models.records.collections import DEFAULT
from nophoto.models.records.outcomes.results import ResultRow
from nophoto.models.vocabulary import Verdict

PLACEHOLDERS = 40

MISSED_AT_MOST = 0.1
"""The share of the drawn placeholders that may be missed: some are odd on purpose."""

AS_REFERENCE = "coffee.png"
"""The photograph that becomes a reference, as a stock photograph that is a usual cover would."""

COPIES = 3
"""Pictures that it should claim: itself, and its changed copies."""

KIND_OFF = "kind-off"
"""The demo's second collection."""


@dataclass(frozen=True, slots=True)
class Demo:
    """What the demo found.

    Attributes:
        rows: every upload.
        flagged: photographs that were taken for placeholders, or failed.
        missed: placeholders that were taken for real, or failed.
        seconds: from enqueueing to the last verdict.
        page: the report, HTML.
        turned: what was flagged once a photograph had become a reference; None where the model
            version has no cohort, which says how near other photographs come.
        apart: one placeholder that was sent to two collections, of which one has its kind off.
    """

    rows: list[ResultRow]
    flagged: list[ResultRow]
    missed: list[ResultRow]
    seconds: float
    page: str
    turned: list[ResultRow] | None = None
    apart: list[ResultRow] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether no photograph was flagged, few placeholders were missed, and copies turned."""
        few_missed = len(self.missed) <= MISSED_AT_MOST * PLACEHOLDERS
        return (
            not self.flagged and few_missed and self.only_copies_turned and self.collections_differ
        )

    @property
    def collections_differ(self) -> bool:
        """Whether one picture got two verdicts in two collections, each by its own settings."""
        verdicts = {row.collection: row.verdict for row in self.apart}
        return not self.apart or verdicts == {
            DEFAULT: Verdict.PLACEHOLDER,
            KIND_OFF: Verdict.REAL,
        }

    @property
    def only_copies_turned(self) -> bool:
        """Whether the photograph that became a reference claimed its copies and nothing else."""
        if self.turned is None:
            return True
        stem = Path(AS_REFERENCE).stem
        copies = [row for row in self.turned if Path(row.key).name.startswith(stem)]
        return len(self.turned) == len(copies) == COPIES
