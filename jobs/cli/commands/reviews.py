"""`nophoto reviews`."""

from pathlib import Path
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
    code: Annotated[str | None, typer.Option(help="Why, as one of NOPHOTO_REVIEW_CODES.")] = None,
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

    settings = load_settings()
    if code is not None and code not in settings.review_codes:
        raise typer.BadParameter(
            f"--code {code}: NOPHOTO_REVIEW_CODES has {', '.join(settings.review_codes) or 'none'}"
        )
    with open_database(settings) as database:
        done = decide_keys(
            database,
            keys,
            Verdict(verdict),
            current_user(),
            note=note,
            code=code,
            replace=replace,
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
    from nophoto.models.records.review import review_history

    with open_database(load_settings()) as database, database.reading() as session:
        batches = review_history.last(session, limit=limit)
        counts = review_history.counts(session)
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


@review_commands.command()
def golden(
    truth: Annotated[
        Literal["placeholder", "real"], typer.Argument(help="What the uploads are beyond doubt.")
    ],
    keys: Annotated[list[str], typer.Argument(metavar="KEY...", help="Judged uploads.")],
) -> None:
    """Make uploads golden items: each moderator judges them once, which measures the moderator."""
    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.models.records.review import reviews, spot_check_draws
    from nophoto.models.vocabulary import Verdict

    with open_database(load_settings()) as database, database.transaction() as session:
        added = spot_check_draws.add_golden(session, reviews.ids_of(session, keys), Verdict(truth))
    say(f"{added:,} golden items added; {len(keys) - added:,} were golden already or not judged")


@review_commands.command()
def appeal(
    keys: Annotated[list[str], typer.Argument(metavar="KEY...", help="The uploads' keys.")],
    by: Annotated[str, typer.Option(help="Who objects, such as the uploader.")],
    note: Annotated[str, typer.Option(help="Why, in their words; moderators see it.")] = "",
) -> None:
    """Have what stands of uploads looked at again, by another moderator and before all others."""
    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.curation.appeals import appeal as open_appeals
    from nophoto.jobs.database import open_database

    with open_database(load_settings()) as database:
        opened = open_appeals(database, keys, by, note=note)
    already = f"; {len(keys) - opened:,} had an open one" if opened < len(keys) else ""
    say(f"{opened:,} appeals opened{already}")


@review_commands.command()
def export(
    out: Annotated[
        Path, typer.Argument(metavar="OUT", help="A folder, or a file that ends with .parquet.")
    ],
    as_json: Json = False,
) -> None:
    """Write every decided picture once, for anyone's training.

    A folder gets the files in `placeholder/` and `real/`, and `labels.csv` with key, kind, weight,
    code and what the network says; `nophoto retrain --placeholders OUT/placeholder --real OUT/real`
    learns from it. A Parquet file holds the same with the pictures in a column. A weight is for how
    many uploads a picture stands that was drawn as a spot check. What was erased is not in it.
    """
    from dataclasses import asdict

    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.curation.decided_pictures import export_folder, export_parquet
    from nophoto.jobs.database import open_database
    from nophoto.worker.storage.storage import storage_of

    settings = load_settings()
    write = export_parquet if out.suffix == ".parquet" else export_folder
    with open_database(settings) as database:
        done = write(database, storage_of(settings), out)
    if as_json:
        print_json(asdict(done))
        return
    say(f"{done.placeholders:,} placeholders and {done.real:,} real pictures are in {out}")
    if done.unreadable:
        warn(f"{done.unreadable:,} decided pictures cannot be read any more, or were replaced")
