"""`nophoto keys`."""

from typing import TYPE_CHECKING, Annotated

import typer

from nophoto.jobs.cli.parameters.options import Json
from nophoto.jobs.cli.rendering.output import cell, print_json, say, stdout, warn

if TYPE_CHECKING:
    from nophoto.models.records.access.api_keys import ApiKeyRow

key_commands = typer.Typer(
    name="keys",
    help="Keys of the HTTP API: each has a name, which the audit tells, and scopes.",
    no_args_is_help=True,
)

Name = Annotated[str, typer.Argument(metavar="NAME")]


@key_commands.command()
def add(
    name: Name,
    scope: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SCOPE",
            help="What it allows, such as uploads:write; name it again for each. `all`: "
            "everything. docs/api.md lists them.",
        ),
    ] = None,
    days: Annotated[
        float | None, typer.Option(help="Days after which it expires; never if not given.")
    ] = None,
    rate: Annotated[
        str | None,
        typer.Option(help="Requests that it allows, such as 50/second, in place of the default."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a key and print its secret, which is shown this once."""
    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.jobs.operations.api_keys import ApiKeyError, add_key
    from nophoto.jobs.versions.promotion import current_user
    from nophoto.models.records.tables import Scope

    words = scope or []
    if unknown := sorted({*words} - {*Scope, "all"}):
        raise ApiKeyError(
            f"there is no scope {', '.join(unknown)}; the scopes are {', '.join(Scope)}, and `all`"
        )
    scopes = {*Scope} if "all" in words else {Scope(word) for word in words}
    with open_database(load_settings()) as database:
        made = add_key(database, name, scopes, by=current_user(), days=days, rate=rate)
    if as_json:
        print_json({**_as_dict(made.row), "secret": made.secret})
        return
    say(
        f"the key {name} allows {', '.join(sorted(scopes))}; keep the secret, it is shown this once"
    )
    print(made.secret)


@key_commands.command()
def revoke(name: Name) -> None:
    """Let a key allow nothing any more; running servers follow within 10 seconds."""
    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.jobs.operations.api_keys import revoke_key

    with open_database(load_settings()) as database:
        is_new = revoke_key(database, name)
    say(f"the key {name} is revoked" if is_new else f"the key {name} was revoked before")


@key_commands.command(name="list")
def list_keys(
    show_all: Annotated[
        bool, typer.Option("--all", help="Revoked and expired ones as well.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List the keys: the beginning of each secret, what it allows, and when it was last used."""
    from rich.table import Table

    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.models.records.access import api_keys

    with open_database(load_settings()) as database, database.reading() as session:
        rows = [row for row in api_keys.list_all(session) if show_all or row.is_usable]
    if as_json:
        print_json([_as_dict(row) for row in rows])
        return
    table = Table("Name", "Secret", "Scopes", "Rate", "State", "Last used (UTC)", "Added by")
    for row in rows:
        table.add_row(
            cell(row.name),
            cell(f"{row.prefix}…"),
            cell(" ".join(sorted(row.scopes))),
            cell(row.rate),
            cell(_state(row)),
            cell(f"{row.last_used_at:%Y-%m-%d %H:%M}" if row.last_used_at else None),
            cell(row.created_by),
        )
    stdout().print(table)
    if not rows:
        warn("there is no key. `nophoto keys add NAME --scope SCOPE` makes one")


def _state(row: "ApiKeyRow") -> str:
    if row.revoked_at:
        return "revoked"
    if not row.is_usable:
        return "expired"
    return f"until {row.expires_at:%Y-%m-%d}" if row.expires_at else "usable"


def _as_dict(row: "ApiKeyRow") -> dict[str, object]:
    from dataclasses import asdict

    from nophoto.jobs.serialization import to_jsonable

    values: dict[str, object] = to_jsonable(asdict(row) | {"scopes": sorted(row.scopes)})
    return values
