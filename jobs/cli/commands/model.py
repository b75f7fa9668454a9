"""`nophoto model`."""

from pathlib import Path
from typing import Annotated

import typer

from nophoto.jobs.cli.commands.model_files import Version, export_model, import_model
from nophoto.jobs.cli.commands.model_shadow import shadow_model
from nophoto.jobs.cli.parameters.options import Json
from nophoto.jobs.cli.rendering.models import (
    change_facts,
    facts,
    print_comparison,
    say_switched,
)
from nophoto.jobs.cli.rendering.output import cell, print_json, progress, say, stdout

model_commands = typer.Typer(
    name="model",
    help="Model versions: the trained networks and which of them judges. Running workers follow a "
    "change within 10 seconds.",
    no_args_is_help=True,
)

HeldOut = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Compare on the pictures in its placeholder/ and real/. Without it: by what both "
        "trainings found on the held-out pictures that they share.",
        exists=True,
        file_okay=False,
    ),
]


@model_commands.command(name="list")
def list_models(as_json: Json = False) -> None:
    """List the versions that the database knows, the newest first."""
    from rich.table import Table

    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.jobs.versions.promotion import list_versions

    with open_database(load_settings()) as database:
        rows = list_versions(database)
    if as_json:
        print_json([facts(row) for row in rows])
        return
    table = Table("ID", "Judges", "Backbone", "Threshold", "AUC", "Registered (UTC)", "Location")
    for row in rows:
        table.add_row(
            cell(row.id),
            cell("yes", "bold green") if row.active else cell(None),
            cell(row.backbone),
            cell(row.threshold),
            cell(row.metrics.get("auc")),
            cell(f"{row.created_at:%Y-%m-%d %H:%M}"),
            cell(row.location),
        )
    stdout().print(table)


@model_commands.command()
def show(version_id: Version, as_json: Json = False) -> None:
    """Show a version's card, its figures, and when it judged and why.

    Its files are compared with its digest; a version that was changed by hand is refused.
    """
    from rich.table import Table

    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.jobs.versions.promotion import get_version
    from nophoto.models.records.versions import promotions
    from nophoto.worker.versions.registry import open_registered

    settings = load_settings()
    with open_database(settings) as database:
        row = get_version(database, version_id)
        version = open_registered(row, settings)
        with database.reading() as session:
            changes = [
                change
                for change in promotions.history(session)
                if row.id in (change.model_version_id, change.replaced_id)
            ]
    if as_json:
        print_json(
            {
                **facts(row),
                "folder": str(version.folder),
                "files": version.manifest.files,
                "promotions": [change_facts(change) for change in changes],
            }
        )
        return
    table = Table(show_header=False)
    for name, value in {**facts(row), "folder": version.folder}.items():
        if name != "metrics":
            table.add_row(cell(name, "bold"), cell(value))
    stdout().print(table)
    card = version.folder / "card.md"
    if card.is_file():
        stdout().print(card.read_text(encoding="utf-8"), markup=False)
    history = Table("At (UTC)", "Change", "Now judges", "Replaced", "By", "Reason")
    for change in changes:
        history.add_row(
            cell(f"{change.at:%Y-%m-%d %H:%M}"),
            cell(f"{change.kind}{', forced' if change.forced else ''}"),
            cell(change.model_version_id),
            cell(change.replaced_id),
            cell(change.by or None),
            cell(change.reason or None),
        )
    stdout().print(history)


@model_commands.command()
def compare(
    before: Annotated[str, typer.Argument(metavar="A", help="An id, or `active`.")],
    after: Annotated[str, typer.Argument(metavar="B", help="An id, or `active`.")],
    held_out: HeldOut = None,
    as_json: Json = False,
) -> None:
    """Compare two versions on the same pictures, each at its own threshold.

    The intervals are of the paired difference: they tell far more than two figures side by side.
    Exit code 1 if there were no pictures to compare on.
    """
    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.jobs.evaluation.compare_versions import compare_versions
    from nophoto.jobs.versions.promotion import get_version
    from nophoto.worker.decoding.pool import decoders_of
    from nophoto.worker.versions.registry import open_registered

    settings = load_settings()
    with open_database(settings) as database, progress("judging") as advance:
        first, second = (
            open_registered(get_version(database, id_), settings) for id_ in (before, after)
        )
        source, found = compare_versions(
            first, second, database, settings, decoders_of(settings), held_out, advance
        )
    if as_json:
        print_json({"compared_on": source, **(found.as_dict() if found else {})})
    elif found:
        print_comparison(first.id, second.id, source, found)
    if not found:
        say(
            f"there is nothing to compare on ({source}). Name a folder with `placeholder/` and "
            "`real/` by --held-out"
        )
        raise typer.Exit(1)


@model_commands.command()
def promote(
    version_id: Version,
    held_out: HeldOut = None,
    force: Annotated[
        bool, typer.Option("--force", help="Promote against the comparison; needs --reason.")
    ] = False,
    reason: Annotated[str, typer.Option(help="Why, in your words; kept with the change.")] = "",
    by: Annotated[str | None, typer.Option(help="Who decides; this user if not given.")] = None,
    as_json: Json = False,
) -> None:
    """Let a version judge from now on, if it passes the gate.

    Its files must be whole, its serving form the network that was trained, and on the same pictures
    it must not find fewer placeholders, flag more real ones or rank worse than the version that
    judges now, beyond chance. Verdicts that were made stay until a rescoring.
    """
    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.jobs.versions.promotion import current_user
    from nophoto.jobs.versions.promotion import promote as run
    from nophoto.models.records.versions.promotions import Decision
    from nophoto.worker.decoding.pool import decoders_of

    settings = load_settings()
    decision = Decision(by=current_user() if by is None else by, reason=reason, forced=force)
    with open_database(settings) as database, progress("judging") as advance:
        decoders = decoders_of(settings)
        done = run(database, settings, decoders, version_id, decision, held_out, advance)
    if as_json:
        print_json(done.as_dict())
        return
    if done.gate and done.gate.comparison:
        print_comparison(
            str(done.replaced), done.model_version, done.gate.compared_on, done.gate.comparison
        )
    if done.gate:
        how = "measured now" if done.gate.parity.is_measured else "as its training sealed it"
        say(f"parity of the serving form: {done.gate.parity.value:.5f}, {how}")
        for problem in done.gate.problems:
            say(f"overruled: {problem}")
    say_switched(done)


@model_commands.command()
def rollback(
    reason: Annotated[str, typer.Option(help="Why, in your words; kept with the change.")] = "",
    by: Annotated[str | None, typer.Option(help="Who decides; this user if not given.")] = None,
    as_json: Json = False,
) -> None:
    """Let the version judge again that judged before; a second time, the one before that."""
    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.jobs.versions.promotion import current_user, roll_back
    from nophoto.worker.decoding.pool import decoders_of

    settings = load_settings()
    with open_database(settings) as database:
        by = current_user() if by is None else by
        done = roll_back(database, settings, decoders_of(settings), by, reason)
    if as_json:
        print_json(done.as_dict())
    else:
        say_switched(done)


model_commands.command(name="export")(export_model)
model_commands.command(name="import")(import_model)
model_commands.command(name="shadow")(shadow_model)
