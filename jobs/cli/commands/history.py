"""`nophoto history`."""

from typing import TYPE_CHECKING, Annotated

import typer

from nophoto.jobs.cli.parameters.options import Json
from nophoto.jobs.cli.rendering.output import (
    VERDICT_STYLES,
    cell,
    print_json,
    say,
    signed,
    stdout,
)

if TYPE_CHECKING:
    from nophoto.models.records.outcomes.history import Entry


def history(
    key: Annotated[str, typer.Argument(metavar="KEY", help="The platform's key of the upload.")],
    as_json: Json = False,
) -> None:
    """Show every verdict on an upload: when, by whom, against what, with which score.

    A moderator's word wins over the network's.
    """
    from rich.table import Table

    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.jobs.serialization import to_jsonable
    from nophoto.models.records.outcomes.history import history as read

    with open_database(load_settings()) as database, database.reading() as session:
        found = read(session, key)
    if as_json:
        print_json(to_jsonable(found))
        return
    table = Table(
        "At (UTC)", "By", "Verdict", "Kind", "Score", "Nearest reference", "Set", "Detail"
    )
    table.columns[4].justify = "right"
    for entry in found.entries:
        table.add_row(
            cell(f"{entry.at:%Y-%m-%d %H:%M:%S}"),
            cell(entry.by),
            cell(entry.verdict, VERDICT_STYLES[entry.verdict]),
            cell(entry.kind),
            cell(signed(entry.score)),
            cell(entry.nearest_reference),
            cell(entry.reference_set_version),
            cell(_detail(entry)),
        )
    stdout().print(table)
    outcome = found.failure_message or found.verdict or "no verdict yet"
    say(f"{found.key} is {found.state}: {outcome}")


def _detail(entry: "Entry") -> str:
    from nophoto.models.reasons import in_english

    parts = [
        f"run {entry.run_id}" if entry.run_id else "",
        "for review" if entry.needs_review else "",
        in_english(entry.reason) if entry.reason else "",
        entry.note,
        f"undone at {entry.undone_at:%Y-%m-%d %H:%M:%S}" if entry.undone_at else "",
    ]
    return "; ".join(part for part in parts if part)
