"""`nophoto reviews`."""

from typing import Annotated, Literal

import typer

from nophoto.jobs.cli.parameters.options import Json
from nophoto.jobs.cli.rendering.output import cell, print_json, say, stdout, warn

review_commands = typer.Typer(
    name="reviews",
    help="Moderators' decisions, which win over the network's verdicts. The console's page Review "
    "is the quicker way through many.",
    no_args_is_help=True,
)


@review_commands.command()
def decide(
    verdict: Annotated[
        Literal["placeholder", "real"], typer.Argument(help="What the uploads are.")
    ],
    keys: Annotated[list[str], typer.Argument(metavar="KEY...", help="The uploads' keys.")],
    note: Annotated[str, typer.Option(help="Why, for people.")] = "",
    replace: Annotated[
        bool, typer.Option("--replace", help="Also where somebody has decided already.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Say of uploads what they are, whatever the network says.

    An upload that was decided already is left alone, and named. Exit code 1 if there is one.
    """
    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.curation.reviews import decide_keys
    from nophoto.jobs.database import open_database
    from nophoto.jobs.versions.promotion import current_user
    from nophoto.models.vocabulary import Verdict

    with open_database(load_settings()) as database:
        done = decide_keys(
            database, keys, Verdict(verdict), current_user(), note=note, replace=replace
        )
    if as_json:
        print_json({"decided": len(done.made), "already": len(done.already)})
    else:
        say(f"{len(done.made):,} decided: {verdict}; `nophoto reviews undo` takes it back")
        for decided in done.already:
            say(f"upload {decided.upload_id} was decided by {decided.reviewer}: {decided.verdict}")
    if done.already:
        raise typer.Exit(1)


@review_commands.command()
def undo() -> None:
    """Take back what you decided last, all that was decided together."""
    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.curation.reviews import undo_last
    from nophoto.jobs.database import open_database
    from nophoto.jobs.versions.promotion import current_user

    with open_database(load_settings()) as database:
        undone = undo_last(database, current_user())
    say(f"{undone:,} decisions are taken back")


@review_commands.command(name="list")
def list_reviews(
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest first.")] = 20,
    as_json: Json = False,
) -> None:
    """List the last decisions, and how many uploads wait for one."""
    from dataclasses import asdict

    from rich.table import Table

    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.models.records import reviews

    with open_database(load_settings()) as database, database.reading() as session:
        batches = reviews.last(session, limit=limit)
        counts = reviews.counts(session)
    if as_json:
        rows = [asdict(batch) | {"at": batch.at.isoformat()} for batch in batches]
        print_json({**asdict(counts), "last": rows})
        return
    table = Table("At (UTC)", "Reviewer", "Verdict", "Uploads", "One of them")
    for batch in batches:
        table.add_row(
            cell(f"{batch.at:%Y-%m-%d %H:%M}"),
            cell(batch.reviewer),
            cell(batch.verdict),
            cell(f"{batch.count:,}"),
            cell(batch.key),
        )
    stdout().print(table)
    if counts.waiting:
        warn(f"{counts.waiting:,} uploads wait for a decision; `nophoto console` shows them")
