"""What a run changed, as the command line shows it."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nophoto.jobs.cli.rendering.output import (
    VERDICT_STYLES,
    cell,
    print_json,
    progress,
    say,
    signed,
    stdout,
    warn,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nophoto.models.records.database import Database
    from nophoto.models.records.rescoring import ChangeRow
    from nophoto.models.records.runs import RunRow
    from nophoto.worker.settings import Settings

Csv = Annotated[
    Path | None,
    typer.Option("--csv", metavar="FILE", help="Write all that changed there; - is stdout."),
]
Html = Annotated[
    Path | None,
    typer.Option("--html", metavar="FILE", help="Write a page with pictures of it there."),
]

SHOWN_IN_HTML = 500


def print_rescored(run: "RunRow", *, as_json: bool) -> None:
    """What a rescoring came to."""
    from nophoto.jobs.rescoring.runs import progress_in_words, run_as_dict

    if as_json:
        print_json(run_as_dict(run))
        return
    if run.result is None:
        say(f"run {run.id} is {run.state}: {progress_in_words(run)}")
        if run.state == "paused":
            say(
                f"nothing was written. `nophoto runs changes {run.id}` shows them, `nophoto runs "
                f"resume {run.id}` writes them, `nophoto runs cancel {run.id}` does not"
            )
        return
    from rich.table import Table

    table = Table("Rescored", "Uploads", title=f"Run {run.id}", title_justify="left")
    table.columns[1].justify = "right"
    for name, label in (
        ("compared", "compared"),
        ("to_placeholder", "real → placeholder"),
        ("to_real", "placeholder → real"),
        ("decided", "of these, a moderator's word stands"),
        ("held", "held for review"),
        ("written", "written"),
        ("embedded", "embedded from their pictures"),
        ("replaced", "hold another picture now"),
        ("queued_again", "failed ones queued again"),
    ):
        if run.result[name] or name in ("compared", "to_placeholder", "to_real", "written"):
            table.add_row(label, cell(f"{run.result[name]:,}"))
    for code, count in sorted(run.result["failures"].items()):
        table.add_row(cell(f"could not be read: {code}", "yellow"), cell(f"{count:,}"))
    stdout().print(table)
    for reason in run.result["quarantined"].values():
        warn(reason)
    if question := run.result["question"]:
        warn(f"{question}; without --dry-run this run would stop and ask")
    if run.result["set_version_at_end"] != run.result["reference_set_version"]:
        warn("the reference set has changed since the run began; `nophoto rescore` once more")


def print_changes(rows: "Iterable[ChangeRow]") -> None:
    """Changes as a table."""
    from rich.table import Table

    table = Table("Key", "Before", "Now", "Kind", "Score", "Nearest reference", "Detail")
    table.columns[0].overflow = "fold"
    for row in rows:
        detail = f"a moderator said {row.reviewed}" if row.reviewed else row.reason or ""
        table.add_row(
            cell(row.key),
            cell(row.verdict_before, VERDICT_STYLES[row.verdict_before]),
            cell(row.verdict, VERDICT_STYLES[row.verdict]),
            cell(row.kind),
            cell(f"{signed(row.score_before) or '–'} → {signed(row.score) or '–'}"),
            cell(row.nearest),
            cell(detail if row.was_written or detail else "not written"),
        )
    stdout().print(table)


def write_files(
    database: "Database",
    settings: "Settings",
    run: "RunRow",
    csv: Path | None,
    raw: bool,
    html: Path | None,
    limit: int = SHOWN_IN_HTML,
) -> None:
    """Write the files that were asked for."""
    if csv is not None:
        _write_csv(database, run.id, csv, raw)
    if html is not None:
        from nophoto.jobs.files import write_output
        from nophoto.jobs.rescoring.report import rescore_report
        from nophoto.worker.decoding.pool import decoders_of

        with progress("reading pictures") as advance:
            decoders = decoders_of(settings)
            page = rescore_report(database, settings, decoders, run.id, limit, on_progress=advance)
        write_output(html, page.encode())
        say(f"wrote {html.absolute()}")


def _write_csv(database: "Database", run_id: int, file: Path, raw: bool) -> None:
    from nophoto.jobs.files import OutputError
    from nophoto.jobs.rescoring.report import write_changes
    from nophoto.models.records.rescoring import find_changes

    with database.reading() as session:
        rows = find_changes(session, run_id, flips_only=False)
        if str(file) == "-":
            write_changes(rows, sys.stdout, raw=raw)
            return
        try:
            with file.open("w", encoding="utf-8", newline="") as output:
                count = write_changes(rows, output, raw=raw)
        except OSError as error:
            raise OutputError.of(file, error) from error
    say(f"wrote {count:,} changes to {file.absolute()}")


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
