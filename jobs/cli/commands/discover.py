"""`nophoto discover`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from nophoto.jobs.cli.parameters.filters import InCollection
from nophoto.jobs.cli.parameters.options import Json
from nophoto.jobs.cli.rendering.output import cell, print_json, say, stdout
from nophoto.models.vocabulary import Kind

if TYPE_CHECKING:
    from nophoto.jobs.curation.discover import Discovery


def discover(
    days: Annotated[float, typer.Option(min=0.01, help="Days that count as recent.")] = 7,
    looked_back: Annotated[float, typer.Option(min=0.01, help="Days to look back in all.")] = 30,
    least: Annotated[int, typer.Option(min=2, help="Uploads of the smallest group.")] = 5,
    limit: Annotated[int, typer.Option(min=1, help="Groups at most.")] = 20,
    quarantine: Annotated[
        int | None,
        typer.Option(
            metavar="UPLOAD", help="Make this upload's picture a reference in quarantine instead."
        ),
    ] = None,
    kind: Annotated[Kind, typer.Option(help="What sort of picture that is.")] = Kind.OWN,
    force: Annotated[
        bool, typer.Option("--force", help="Also what would claim too many real pictures.")
    ] = False,
    collection: InCollection = None,
    as_json: Json = False,
) -> None:
    """List pictures that many uploads share and no reference claims, the fastest growing first.

    Among the last million pictures that were judged real, or unsure, and that nobody has decided.
    The same bytes and changed copies are one group. With --quarantine the picture of an upload
    becomes a reference that flags nothing yet: what it matches is held for review; with
    --collection it concerns uploads of that one alone. Exit code 1 where it would claim too many
    real pictures.
    """
    from datetime import timedelta

    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.curation.discover import discover as look
    from nophoto.jobs.database import open_database
    from nophoto.models.records.collections import DEFAULT
    from nophoto.worker.decoding.pool import decoders_of
    from nophoto.worker.matching.active_judge import ActiveJudge

    settings = load_settings()
    with open_database(settings) as database:
        judge = ActiveJudge(database, settings, decoders_of(settings))
        if quarantine is not None:
            _quarantine(database, judge, settings, quarantine, kind, force, collection)
            return
        found = look(
            database,
            judge.current().of(collection or DEFAULT),
            window=timedelta(days=days),
            looked_back=timedelta(days=looked_back),
            least=least,
            collection=collection,
        )
    if as_json:
        print_json([_as_dict(each) for each in found[:limit]])
        return
    _print(found[:limit], days)
    if len(found) > limit:
        say(f"{len(found) - limit:,} more groups; --limit shows them")


def _quarantine(
    database: Any,
    judge: Any,
    settings: Any,
    upload_id: int,
    kind: Kind,
    force: bool,
    collection: str | None,
) -> None:
    from nophoto.jobs.curation.discovery_acts import quarantine_medoid
    from nophoto.jobs.curation.preview import Preview
    from nophoto.jobs.versions.promotion import current_user
    from nophoto.models.vision.pictures import PictureError
    from nophoto.worker.decoding.pool import decoders_of
    from nophoto.worker.storage.storage import storage_of

    try:
        made = quarantine_medoid(
            database,
            Preview(judge, decoders_of(settings)),
            storage_of(settings),
            settings,
            upload_id,
            by=current_user(),
            kind=kind,
            force=force,
            collection=collection,
        )
    except PictureError as error:
        say(f"upload {upload_id} cannot be read: {error.code}: {error}")
        raise typer.Exit(1) from error
    if made.member is None:
        say(f"refused: {'; '.join(made.check.objections)}. --force adds it anyway")
        raise typer.Exit(1)
    say(
        f"reference {made.member.id} ({made.member.name}) is in quarantine and would claim "
        f"{made.check.claims.copies:,} copies and {made.check.claims.real:,} other real pictures. "
        f"`nophoto references restore {made.member.id}` lets it flag, then `nophoto rescore`"
    )


def _print(found: "list[Discovery]", days: float) -> None:
    from rich.table import Table

    table = Table("Upload", "Uploads", f"Last {days:g} days", "Before", "Pictures", "Key", "URI")
    for column in table.columns[:5]:
        column.justify = "right"
    for each in found:
        table.add_row(
            cell(each.medoid.upload_id),
            cell(f"{each.keys:,}"),
            cell(f"{each.recent:,}"),
            cell(f"{each.before:,}"),
            cell(f"{each.pictures:,}"),
            cell(each.medoid.key),
            cell(each.medoid.uri),
        )
    stdout().print(table)
    if not found:
        say("no picture is shared by so many uploads; --least asks for smaller groups")


def _as_dict(each: "Discovery") -> dict[str, Any]:
    from dataclasses import asdict

    values = asdict(each) | {"growth": each.growth}
    del values["upload_ids"]
    return values
