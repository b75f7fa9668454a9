"""`nophoto model shadow`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from nophoto.jobs.cli.parameters.options import Json
from nophoto.jobs.cli.rendering.output import cell, print_json, say, signed, stdout

if TYPE_CHECKING:
    from nophoto.jobs.versions.shadow import ShadowReport


def shadow_model(
    version_id: Annotated[
        str | None, typer.Argument(metavar="[VERSION]", help="Let this one judge in the shadow.")
    ] = None,
    share: Annotated[
        float, typer.Option(min=0.0001, max=1, help="Of the live uploads that it judges.")
    ] = 0.1,
    stop: Annotated[bool, typer.Option("--stop", help="End the run under way.")] = False,
    as_json: Json = False,
) -> None:
    """Let a version judge live uploads beside the active one, and show where they disagree.

    Only the active version writes verdicts. Uploads on which both disagree come to moderators as
    spot checks; from their answers follows by how much the version is better or worse. Without
    VERSION the newest run is shown. A cheaper first step, over what is stored:
    `nophoto rescore --dry-run`.
    """
    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.jobs.versions.promotion import current_user
    from nophoto.jobs.versions.shadow import shadow_report, start_shadow, stop_shadow

    with open_database(load_settings()) as database:
        if stop:
            ended = stop_shadow(database, current_user())
            say(f"{ended.model_version_id} judges in the shadow no longer")
        elif version_id is not None:
            begun = start_shadow(database, version_id, share, current_user())
            say(
                f"from now on {begun.model_version_id} judges {share:.1%} of what "
                f"{begun.beside_id} judges, in the shadow"
            )
        report = shadow_report(database)
    if as_json:
        print_json(report and _as_dict(report))
    elif report is None:
        say("no version has judged in the shadow yet")
    elif version_id is None:
        _print(report)


def _print(report: "ShadowReport") -> None:
    from rich.table import Table

    shadow, tally = report.shadow, report.tally
    state = f"ended: {shadow.ended_because}" if shadow.ended_at else "under way"
    say(f"{shadow.model_version_id} beside {shadow.beside_id}, {shadow.share:.1%}, {state}")
    say(
        f"{tally.compared:,} uploads compared; flagged: {tally.active_flagged:,} by the active "
        f"version, {tally.shadow_flagged:,} in the shadow; they disagree on {tally.differ:,}"
    )
    difference = report.difference
    if difference is None:
        say("no disagreement has been judged by a moderator yet, so that nothing is known of both")
    else:
        say(
            f"the shadow is {_WORDS[difference.word]}: right of {difference.value:+.2%} of the "
            f"uploads ({difference.low:+.2%} to {difference.high:+.2%}), from {tally.answered:,} "
            "judged disagreements"
        )
    table = Table("Key", "Active", "Score", "Shadow", "Score", "A moderator says")
    for each in report.examples:
        table.add_row(
            cell(each.key),
            cell(each.active_verdict),
            cell(signed(each.active_score)),
            cell(each.verdict),
            cell(signed(each.score)),
            cell(each.truth),
        )
    if report.examples:
        stdout().print(table)


_WORDS = {"better": "better", "worse": "worse", "alike": "not told apart"}


def _as_dict(report: "ShadowReport") -> dict[str, Any]:
    from dataclasses import asdict

    from nophoto.jobs.serialization import to_jsonable

    difference = report.difference
    return {
        "shadow": to_jsonable(report.shadow),
        **asdict(report.tally),
        "difference": difference and {**asdict(difference), "word": difference.word},
        "examples": [asdict(each) for each in report.examples],
    }
