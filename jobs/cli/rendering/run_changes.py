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
    from nophoto.models.reasons import held_as_sudden, in_english
    from nophoto.models.records.runs import held_back, rescore_result

    if as_json:
        print_json(run_as_dict(run))
        return
    result = rescore_result(run)
    if result is None:
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
    always = ("compared", "real → placeholder", "placeholder → real", "written")
    for label, count in (
        ("compared", result["compared"]),
        ("real → placeholder", result["to_placeholder"]),
        ("placeholder → real", result["to_real"]),
        ("of these, a moderator's word stands", result["decided"]),
        ("held for review", result["held"]),
        ("written", result["written"]),
        ("embedded from their pictures", result["embedded"]),
        ("hold another picture now", result["replaced"]),
        ("failed ones queued again", result["queued_again"]),
    ):
        if count or label in always:
            table.add_row(label, cell(f"{count:,}"))
    for code, count in sorted(result["failures"].items()):
        table.add_row(cell(f"could not be read: {code}", "yellow"), cell(f"{count:,}"))
    stdout().print(table)
    for reference in held_back(run):
        warn(in_english(held_as_sudden(reference)))
    if question := result["question"]:
        warn(f"{question}; without --dry-run this run would stop and ask")
    if result["set_version_at_end"] != result["reference_set_version"]:
        warn("the reference set has changed since the run began; `nophoto rescore` once more")


def print_changes(rows: "Iterable[ChangeRow]") -> None:
    """Changes as a table."""
    from rich.table import Table

    from nophoto.models.reasons import in_english

    table = Table("Key", "Before", "Now", "Kind", "Score", "Nearest reference", "Detail")
    table.columns[0].overflow = "fold"
    for row in rows:
        reason = in_english(row.reason) if row.reason else ""
        detail = f"a moderator said {row.reviewed}" if row.reviewed else reason
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
