"""`nophoto references`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from nophoto.jobs.cli.parameters.options import Json
from nophoto.jobs.cli.rendering.output import cell, print_json, say, stdout, warn
from nophoto.models.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Protocol

    from sqlalchemy.orm import Session

    class Change(Protocol):
        """Moves references to another state, and tells which of them were not in it."""

        def __call__(self, session: Session, ids: Sequence[int], *, by: str) -> list[int]:
            """Do it."""


reference_commands = typer.Typer(
    name="references",
    help="The reference set: the placeholders that uploads are compared with. Running workers "
    "follow a change within 10 seconds.",
    no_args_is_help=True,
)

_STYLES = {"active": "", "quarantined": "yellow", "retired": "dim"}
_TAKEN_BACK = "; `nophoto references restore ID` takes it back"

Ids = Annotated[
    list[int], typer.Argument(metavar="ID...", help="As `nophoto references list` shows them.")
]


@reference_commands.command()
def add(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Placeholder pictures.")],
    note: Annotated[str, typer.Option(help="Kept with each of them, for people.")] = "",
    kind: Annotated[Kind, typer.Option(help="What sort of pictures they are.")] = Kind.OWN,
    photo: Annotated[
        bool, typer.Option("--photo", help="Let them claim changed copies of themselves alone.")
    ] = False,
    force: Annotated[
        bool,
        typer.Option("--force", help="Add also what would claim too many real pictures; recorded."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what they would claim.")
    ] = False,
    collection: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Let them claim uploads of this collection alone."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Add placeholder pictures to the set.

    Each is compared first with real pictures (the cohort, and the last 100,000 uploads), and what
    it would claim is shown. One that lies among real pictures, as a photograph does, claims changed
    copies of itself alone. One that would still claim more than NOPHOTO_REFERENCE_MAX_SHARE of them
    is refused by name, as is what is not a picture; the others are added. Bytes that the set has
    are not added twice; a picture that is retired or in quarantine stays so. Exit code 1 if one was
    refused.
    """
    from nophoto.jobs.cli.rendering.references import check_as_dict, say_check
    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.curation.candidates import look_at
    from nophoto.jobs.curation.references import add_candidates
    from nophoto.jobs.database import open_database
    from nophoto.jobs.serialization import to_jsonable
    from nophoto.jobs.versions.promotion import current_user
    from nophoto.worker.decoding.pool import decoders_of

    settings = load_settings()
    with open_database(settings) as database:
        found = look_at(
            database,
            files,
            settings,
            decoders_of(settings),
            kind=kind,
            photo=photo,
            collection=collection,
        )
        if not as_json:
            for candidate in found.pictures:
                say_check(candidate)
        done = add_candidates(
            database,
            [] if dry_run else found.pictures,
            note=note,
            by=current_user(),
            force=force,
        )
    done.refused.update(found.refused)
    if as_json:
        stored = to_jsonable(done.stored)
        print_json(
            {
                **stored,
                "checks": [check_as_dict(candidate) for candidate in found.pictures],
                "refused": [{"file": f, "reason": r} for f, r in done.refused.items()],
                "reference_set": {"version": done.set_version, "size": done.set_size},
            }
        )
    else:
        for outcome, members, hint in (
            ("added", done.stored.added, ""),
            ("known", done.stored.known, ""),
            ("quarantined", done.stored.quarantined, _TAKEN_BACK),
            ("retired", done.stored.retired, _TAKEN_BACK),
        ):
            for member in members:
                say(f"{outcome} {member.name} (id {member.id}){hint}")
        print(
            f"{len(done.stored.added):,} added; the reference set is at version "
            f"{done.set_version}, with {done.set_size:,} references"
        )
    for file, reason in done.refused.items():
        say(f"refused {file}: {reason}")
    if done.refused:
        raise typer.Exit(1)


@reference_commands.command(name="list")
def list_references(
    state: Annotated[
        Literal["active", "quarantined", "retired", "all"], typer.Option(help="Which of them.")
    ] = "active",
    as_json: Json = False,
) -> None:
    """List the references, and for how many uploads each is the nearest."""
    from rich.table import Table

    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.curation.references import as_dict
    from nophoto.jobs.database import open_database
    from nophoto.jobs.uploads.status import EMPTY_SET
    from nophoto.models.records import references

    with open_database(load_settings()) as database, database.reading() as session:
        rows = references.list_all(session)
    is_empty = all(row.state != "active" for row in rows)
    rows = [row for row in rows if state in ("all", row.state)]
    if as_json:
        print_json([as_dict(row) for row in rows])
    else:
        table = Table(
            "ID", "Name", "Kind", "Claims", "Origin", "State", "Added (UTC)", "Nearest of", "Note"
        )
        table.columns[0].justify = table.columns[7].justify = "right"
        for row in rows:
            table.add_row(
                cell(row.id),
                cell(row.name),
                cell(row.kind),
                cell("its copies" if row.scope == "copies" else "its kind"),
                cell(row.origin),
                cell(row.state, _STYLES[row.state]),
                cell(f"{row.created_at:%Y-%m-%d %H:%M}"),
                cell(f"{row.matches:,}"),
                cell(row.note),
            )
        stdout().print(table)
    if is_empty:
        warn(EMPTY_SET)


@reference_commands.command()
def show(
    reference_id: Annotated[int, typer.Argument(metavar="ID")],
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the picture there, as it was added."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what is known of one reference, and write its picture to a file."""
    from rich.table import Table

    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.curation.references import as_dict, read_reference
    from nophoto.jobs.database import open_database
    from nophoto.jobs.files import write_output

    with open_database(load_settings()) as database:
        row, picture = read_reference(database, reference_id)
    facts = as_dict(row) | {"bytes": len(picture)}
    if out:
        write_output(out, picture)
    if as_json:
        print_json(facts)
        return
    table = Table(show_header=False)
    for name, value in facts.items():
        table.add_row(cell(name, "bold"), cell(value))
    stdout().print(table)
    if out:
        say(f"wrote {out}")


@reference_commands.command()
def quarantine(reference_ids: Ids) -> None:
    """Let these flag nothing by themselves: what they match is real, and marked for review.

    For a reference of which you are not sure yet. Verdicts that were given stay until
    `nophoto rescore`, and `restore` lets it flag again.
    """
    from nophoto.models.records import references

    _move(reference_ids, references.quarantine, "quarantined")


@reference_commands.command()
def retire(reference_ids: Ids) -> None:
    """Compare no upload with these any more; their verdicts stay, and `restore` takes them back."""
    from nophoto.models.records import references

    _move(reference_ids, references.retire, "retired")


@reference_commands.command()
def restore(reference_ids: Ids) -> None:
    """Take retired references back into the set, and let quarantined ones flag again."""
    from nophoto.models.records import references

    _move(reference_ids, references.restore, "restored")


def _move(
    reference_ids: list[int],
    change: "Change",
    done: str,
) -> None:
    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.jobs.uploads.status import EMPTY_SET
    from nophoto.jobs.versions.promotion import current_user
    from nophoto.models.records import references

    with open_database(load_settings()) as database, database.transaction() as session:
        changed = change(session, reference_ids, by=current_user())
        current = references.active(session)
    unchanged = len(set(reference_ids)) - len(changed)
    already = f", {unchanged:,} were {done} already" if unchanged else ""
    print(
        f"{len(changed):,} {done}{already}; the reference set is at version {current.version}, "
        f"with {len(current.members):,} references"
    )
    if not current.members:
        warn(EMPTY_SET)
