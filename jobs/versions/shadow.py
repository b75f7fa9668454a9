"""Shadow runs for people: beginning and ending them, and what they show."""

from dataclasses import dataclass

from nophoto.jobs.quality.paired import PairedDifference, paired_difference
from nophoto.models.records import runs
from nophoto.models.records.database import Database
from nophoto.models.records.runs import RunRow
from nophoto.models.records.tables import RunKind, RunState
from nophoto.models.records.versions import shadow_results, shadows
from nophoto.models.records.versions.shadow_results import Disagreement, Tally
from nophoto.models.records.versions.shadows import ShadowError, ShadowRow

EXAMPLES = 12
"""Disagreements that are shown."""

_LOOKED_AT = 100
"""Rescorings among which one by another version is sought, the last ones."""


@dataclass(frozen=True, slots=True)
class ShadowReport:
    """What a shadow run shows.

    Attributes:
        shadow: the run.
        tally: how often both versions said what.
        difference: by how much the shadow is better; None as long as no disagreement is judged.
        examples: disagreements, those that a moderator has judged first.
    """

    shadow: ShadowRow
    tally: Tally
    difference: PairedDifference | None
    examples: list[Disagreement]


def start_shadow(database: Database, version_id: str, share: float, by: str) -> ShadowRow:
    """Let a version judge a share of the live uploads beside the active one.

    It writes no verdict, and nobody is told of what it says. Where both disagree, the upload
    comes to moderators as a spot check.

    Raises:
        UnknownModelVersionError: if it is not registered.
        ShadowError: if it judges already, or another does in the shadow.
    """
    with database.transaction() as session:
        return shadows.start(session, version_id, share, by)


def stop_shadow(database: Database, by: str) -> ShadowRow:
    """End the shadow run under way.

    Raises:
        ShadowError: if there is none.
    """
    with database.transaction() as session:
        current = shadows.current_shadow(session)
        if current is None or not shadows.end(session, current.id, f"{by} ended it"):
            raise ShadowError(
                "no version judges in the shadow; `nophoto model shadow VERSION` begins that"
            )
    return current


def shadow_report(database: Database, version_id: str | None = None) -> ShadowReport | None:
    """The newest shadow run, of any version or of one; None where there was none."""
    with database.reading() as session:
        shadow = shadows.latest(session, version_id)
        if shadow is None:
            return None
        tally = shadow_results.tally(session, shadow.id)
        examples = shadow_results.disagreements(session, shadow.id, EXAMPLES)
    difference = paired_difference(tally.compared, tally.differ, tally.answered, tally.shadow_right)
    return ShadowReport(shadow, tally, difference, examples)


def last_dry_rescoring(database: Database) -> RunRow | None:
    """The newest rescoring in which another version judged what is stored, and wrote nothing."""
    with database.reading() as session:
        done = runs.list_runs(session, RunKind.RESCORE, RunState.DONE, limit=_LOOKED_AT)
    return next((run for run in done if run.parameters.get("model")), None)


def objection_of_shadow(database: Database, version_id: str, fewest: int) -> str | None:
    """Why the shadow runs of a version speak against promoting it; None where they do not.

    Args:
        database: migrated.
        version_id: of the candidate.
        fewest: uploads that it must have judged in the shadow; 0: the gate does not ask.
    """
    if not fewest:
        return None
    report = shadow_report(database, version_id)
    compared = report.tally.compared if report else 0
    if report is None or compared < fewest:
        return (
            f"it has judged {compared:,} live uploads in the shadow, and NOPHOTO_SHADOW_FEWEST "
            f"asks for {fewest:,}; `nophoto model shadow {version_id}` lets it"
        )
    difference = report.difference
    if difference is not None and difference.word == "worse":
        return (
            f"in the shadow it was right of {-difference.value:.2%} fewer uploads than the active "
            f"version ({difference.low:+.2%} to {difference.high:+.2%})"
        )
    return None
