"""`nophoto allow`."""

from pathlib import Path
from typing import Annotated

import typer

from nophoto.jobs.cli.parameters.options import Json
from nophoto.jobs.cli.rendering.output import cell, print_json, say, stdout

allow_commands = typer.Typer(
    name="allow",
    help="The allow-list: pictures that are never to be flagged, such as the platform's own logo. "
    "Running workers follow a change within 10 seconds.",
    no_args_is_help=True,
)


@allow_commands.command()
def add(
    reason: Annotated[
        str, typer.Option(metavar="TEXT", help="Why; it stands beside every verdict it decides.")
    ],
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE]...", help="Pictures.")
    ] = None,
    look_alikes: Annotated[
        bool,
        typer.Option(
            "--look-alikes",
            help="Allow also what is at least as similar to these files as to any reference.",
        ),
    ] = False,
    keys: Annotated[
        list[str] | None, typer.Option("--key", metavar="KEY", help="An upload's very picture.")
    ] = None,
    digests: Annotated[
        list[str] | None, typer.Option("--digest", metavar="SHA256", help="The bytes of a file.")
    ] = None,
    collection: Annotated[
        str | None, typer.Option(metavar="NAME", help="In this collection alone.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Never flag these pictures again.

    Uploads of the same bytes are judged `real`, whatever they look like. Verdicts that were given
    stay until `nophoto rescore`. Exit code 1 if a file is not a picture.
    """
    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.curation.allow_list import allow, from_digests, from_files, from_uploads
    from nophoto.jobs.database import open_database
    from nophoto.worker.decoding.pool import decoders_of
    from nophoto.worker.storage.storage import limits_of

    settings = load_settings()
    if not (files or keys or digests):
        raise typer.BadParameter("name a FILE, a --key or a --digest")
    if look_alikes and not files:
        raise typer.BadParameter("look-alikes are those of a FILE", param_hint="--look-alikes")
    with open_database(settings) as database:
        pictures, refused = from_files(
            files or [],
            reason,
            limits_of(settings),
            decoders_of(settings),
            look_alikes=look_alikes,
        )
        pictures += from_digests(digests or [], reason)
        pictures += from_uploads(database, keys or [], reason)
        done = allow(database, pictures, refused, collection)
    if as_json:
        print_json({"added": done.added, "known": done.known, "refused": done.refused})
    else:
        print(f"{len(done.added):,} added, {done.known:,} known, {len(refused):,} refused")
    for name, why in done.refused.items():
        say(f"refused {name}: {why}")
    if done.refused:
        raise typer.Exit(1)


@allow_commands.command(name="list")
def list_allowed(as_json: Json = False) -> None:
    """List the pictures that are never to be flagged."""
    from dataclasses import asdict

    from rich.table import Table

    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.models.records.matching import allow_list

    with open_database(load_settings()) as database, database.reading() as session:
        members = allow_list.active(session).members
    if as_json:
        rows = [
            asdict(member) | {"created_at": member.created_at.isoformat()} for member in members
        ]
        print_json(rows)
        return
    table = Table("ID", "Name", "Digest", "Look-alikes", "Collection", "Since (UTC)", "Reason")
    for member in members:
        table.add_row(
            cell(member.id),
            cell(member.name),
            cell(member.digest[:12]),
            cell("too" if member.look_alikes else "no"),
            cell(member.collection or "all"),
            cell(f"{member.created_at:%Y-%m-%d %H:%M}"),
            cell(member.reason),
        )
    stdout().print(table)


@allow_commands.command()
def remove(
    allowed_ids: Annotated[
        list[int], typer.Argument(metavar="ID...", help="As `nophoto allow list` shows them.")
    ],
) -> None:
    """Take pictures off the list; verdicts that were given stay until `nophoto rescore`."""
    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.models.records.matching import allow_list

    with open_database(load_settings()) as database, database.transaction() as session:
        allow_list.remove(session, allowed_ids)
    say(f"{len(set(allowed_ids)):,} pictures are off the allow-list")
