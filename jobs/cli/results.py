"""`nophoto results`."""

import sys
from typing import Annotated, Literal

import typer

from jobs.cli.filters import Failure, KeyPrefix, Review, Since, State, Word, to_filter
from jobs.cli.output import print_results, say

TABLE_ROWS = 100


def results(
    state: State = None,
    verdict: Word = None,
    review: Review = None,
    failure: Failure = None,
    key_prefix: KeyPrefix = None,
    since: Since = None,
    limit: Annotated[
        int | None,
        typer.Option(
            min=1, help=f"At most so many rows. Default: {TABLE_ROWS} in a table, else all."
        ),
    ] = None,
    output: Annotated[
        Literal["table", "jsonl", "csv"],
        typer.Option("--format", help="A table for people, JSON lines or CSV for programs."),
    ] = "table",
) -> None:
    """List uploads and what they came to, the last enqueued first.

    JSON lines and CSV are written row by row, however many there are.
    """
    from jobs.configuration import load_settings
    from jobs.results import write_csv, write_json_lines
    from jobs.stores import open_database
    from models.records.results import find

    filters = to_filter(state, verdict, review, failure, key_prefix, since)
    with open_database(load_settings()) as database, database.reading() as session:
        if output == "jsonl":
            write_json_lines(find(session, filters, limit), sys.stdout)
        elif output == "csv":
            write_csv(find(session, filters, limit), sys.stdout)
        else:
            shown = limit or TABLE_ROWS
            rows = list(find(session, filters, shown + 1))
            print_results(rows[:shown])
            if len(rows) > shown:
                say(f"the last {shown:,} are shown; --limit shows more, --format csv all")
