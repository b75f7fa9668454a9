"""`nophoto drift`."""

from typing import TYPE_CHECKING

import typer

from nophoto.jobs.cli.parameters.options import Json
from nophoto.jobs.cli.rendering.output import cell, print_json, say, stdout, warn

if TYPE_CHECKING:
    from nophoto.worker.maintenance.drift import Drift


def drift(as_json: Json = False) -> None:
    """Compare the last day's verdicts, scores and failures with those of the week before.

    An alarm tells what changed, and names uploads that show it. Exit code 1 if there is one.
    """
    from dataclasses import asdict

    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.models.records.outcomes.unflagged import examples
    from nophoto.worker.maintenance.drift import LEAST, look_for_drift

    with open_database(load_settings()) as database:
        found = look_for_drift(database)
        with database.reading() as session:
            named = examples(session, [each for drift in found for each in drift.examples])
    keys = {upload_id: example.key for upload_id, example in named.items()}
    if as_json:
        print_json(
            [
                asdict(each)
                | {
                    "reason": each.reason if each.is_alarm else None,
                    "examples": [keys[i] for i in each.examples if i in keys],
                }
                for each in found
            ]
        )
    else:
        _print(found)
        if not found:
            say(
                f"nothing to compare yet: it takes {LEAST} uploads of the last day, and as many of "
                "the week before"
            )
    alarms = [each for each in found if each.is_alarm]
    for each in alarms:
        shown = ", ".join(keys[i] for i in each.examples if i in keys)
        warn(f"{each.reason}" + (f". Examples: {shown}" if shown else ""))
    if alarms:
        raise typer.Exit(1)


def _print(found: "list[Drift]") -> None:
    from rich.table import Table

    table = Table("Figure", "Of", "Week before", "Last day", "Change", "Alarm")
    for each in found:
        is_share = each.figure != "score"
        before, now = (
            f"{value:.2%}" if is_share else f"{value:+.3f}" for value in (each.before, each.now)
        )
        change = f"× {each.change:.2f}" if is_share else f"index {each.change:.2f}"
        table.add_row(
            cell(each.figure),
            cell(each.name or None),
            cell(before),
            cell(now),
            cell(change),
            cell("yes", "bold red") if each.is_alarm else cell(None),
        )
    if found:
        stdout().print(table)
