"""`nophoto runs`."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from nophoto.jobs.cli.parameters.options import Json, Raw
from nophoto.jobs.cli.rendering.output import cell, print_json, say, stdout
from nophoto.jobs.cli.rendering.run_changes import (
    SHOWN_IN_HTML,
    Csv,
    Html,
    print_changes,
    write_files,
)

if TYPE_CHECKING:
    from nophoto.models.records.runs import RunRow

run_commands = typer.Typer(
    name="runs",
    help="Bulk work: rescoring and retraining that was asked for, how far it is, how it ended.",
    no_args_is_help=True,
)

RunId = Annotated[int, typer.Argument(metavar="RUN", help="Its number, from `nophoto runs list`.")]


@run_commands.callback()
def _root() -> None:
    """Bulk work."""


@run_commands.command("list")
def list_(
    kind: Annotated[
        Literal["rescore", "retrain"] | None, typer.Option(help="Only runs of this kind.")
    ] = None,
    state: Annotated[
        Literal["queued", "running", "paused", "done", "failed", "cancelled"] | None,
        typer.Option(help="Only runs in this state."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many runs.")] = 20,
    as_json: Json = False,
) -> None:
    """List runs, the newest first."""
    from rich.table import Table

    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.jobs.rescoring.runs import progress_in_words, run_as_dict
    from nophoto.models.records import runs
    from nophoto.models.records.tables import RunKind, RunState

    with open_database(load_settings()) as database, database.reading() as session:
        found = runs.list_runs(
            session,
            RunKind(kind) if kind else None,
            RunState(state) if state else None,
            limit,
        )
    if as_json:
        print_json([run_as_dict(run) for run in found])
        return
    table = Table("Run", "Kind", "State", "Progress", "Asked for (UTC)", "By")
    for run in found:
        table.add_row(
            cell(run.id),
            cell(run.kind),
            cell(run.state, _STYLES.get(run.state, "")),
            cell(progress_in_words(run)),
            cell(f"{run.created_at:%Y-%m-%d %H:%M:%S}"),
            cell(run.requested_by),
        )
    stdout().print(table)


@run_commands.command()
def show(run: RunId, as_json: Json = False) -> None:
    """Show one run with its parameters, progress and result."""
    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.jobs.rescoring.runs import run_as_dict
    from nophoto.models.records import runs

    with open_database(load_settings()) as database, database.reading() as session:
        found = runs.get(session, run)
    if as_json:
        print_json(run_as_dict(found))
    else:
        _print(found)


@run_commands.command()
def changes(
    run: RunId,
    limit: Annotated[int, typer.Option(min=1, help="At most so many uploads.")] = 20,
    csv: Csv = None,
    raw: Raw = False,
    html: Html = None,
) -> None:
    """Show the uploads whose verdict a rescoring found to be another, the most similar first.

    They are kept until `nophoto db prune`; the CSV file holds those too of which only the
    similarity or the nearest reference is another.
    """
    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.models.records import runs
    from nophoto.models.records.rescoring import find_changes

    settings = load_settings()
    with open_database(settings) as database:
        with database.reading() as session:
            found = runs.get(session, run)
            rows = list(find_changes(session, run, limit=limit))
        if csv is None and html is None:
            print_changes(rows)
        write_files(database, settings, found, csv, raw, html, max(limit, SHOWN_IN_HTML))


@run_commands.command()
def pause(run: RunId) -> None:
    """Keep a run from going on until `nophoto runs resume`; what it wrote stays."""
    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.models.records import runs

    with open_database(load_settings()) as database, database.transaction() as session:
        before = runs.pause(session, run)
    say(f"run {run} was {before}, and is paused")


@run_commands.command()
def resume(run: RunId) -> None:
    """Let a paused or failed run go on where it was.

    A run that asks something, such as whether so many verdicts may change, takes it for a yes.
    """
    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.models.records import runs
    from nophoto.models.records.runs import DueRun
    from nophoto.worker.broker.app import create_app
    from nophoto.worker.dispatch.runs import tell

    settings = load_settings()
    with open_database(settings) as database:
        with database.transaction() as session:
            before = runs.resume(session, run)
            kind = runs.get(session, run).kind
        tell(create_app(settings), DueRun(run, kind))
    say(f"run {run} was {before}, and goes on")


@run_commands.command()
def cancel(run: RunId) -> None:
    """End a run without a result; what it wrote stays."""
    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.models.records import runs

    with open_database(load_settings()) as database, database.transaction() as session:
        before = runs.cancel(session, run)
    say(f"run {run} was {before}, and is cancelled")


_STYLES = {"running": "cyan", "paused": "yellow", "done": "green", "failed": "bold red"}


def _print(run: "RunRow") -> None:
    import json

    from rich.table import Table

    from nophoto.jobs.rescoring.runs import progress_in_words, run_as_dict

    table = Table(show_header=False)
    for name, value in run_as_dict(run).items():
        if name == "progress":
            table.add_row("progress", cell(progress_in_words(run)))
        elif isinstance(value, dict):
            table.add_row(name, cell(json.dumps(value, indent=2, ensure_ascii=False)))
        elif value is not None:
            table.add_row(name.replace("_", " "), cell(value))
    stdout().print(table)
