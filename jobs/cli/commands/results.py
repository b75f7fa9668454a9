"""`nophoto results`."""

import sys
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer

from nophoto.jobs.cli.parameters.filters import (
    Failure,
    InCollection,
    KeyPrefix,
    Review,
    Since,
    State,
    Word,
    to_filter,
)
from nophoto.jobs.cli.parameters.options import Raw
from nophoto.jobs.cli.rendering.output import print_results, say

TABLE_ROWS = 100


def results(
    state: State = None,
    verdict: Word = None,
    review: Review = None,
    failure: Failure = None,
    key_prefix: KeyPrefix = None,
    since: Since = None,
    collection: InCollection = None,
    limit: Annotated[
        int | None,
        typer.Option(
            min=1, help=f"At most so many rows. Default: {TABLE_ROWS} in a table, else all."
        ),
    ] = None,
    output: Annotated[
        Literal["table", "jsonl", "csv", "parquet"],
        typer.Option("--format", help="A table for people; the others are for programs."),
    ] = "table",
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write JSON lines, CSV or Parquet there; Parquet only there."
        ),
    ] = None,
    raw: Raw = False,
) -> None:
    """List uploads and what they came to, the last enqueued first.

    JSON lines, CSV and Parquet are written as the rows come, however many there are, and as they
    stood at one moment. CSV is made safe for spreadsheets: text that would be a formula begins with
    an apostrophe, unless --raw is given.
    """
    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.jobs.uploads.parquet import write_parquet
    from nophoto.jobs.uploads.results import write_file, write_json_lines, write_results
    from nophoto.models.records.outcomes.results import find

    if output == "table" and out:
        raise typer.BadParameter("a file needs --format jsonl, csv or parquet", param_hint="--out")
    if output == "parquet" and not out:
        raise typer.BadParameter("Parquet is written to a file", param_hint="--out")
    filters = to_filter(state, verdict, review, failure, key_prefix, since, collection=collection)
    write = partial(write_results, raw=raw) if output == "csv" else write_json_lines
    with open_database(load_settings(), collection) as database, database.reading() as session:
        if output == "parquet" and out:
            say(f"wrote {write_parquet(find(session, filters, limit), out):,} rows to {out}")
        elif out:
            write_file(find(session, filters, limit), out, write)
            say(f"wrote {out}")
        elif output != "table":
            write(find(session, filters, limit), sys.stdout)
        else:
            shown = limit or TABLE_ROWS
            rows = list(find(session, filters, shown + 1))
            print_results(rows[:shown])
            if len(rows) > shown:
                say(f"the last {shown:,} are shown; --limit shows more, --format csv all")
