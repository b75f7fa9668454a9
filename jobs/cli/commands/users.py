"""`nophoto users`."""

from typing import Annotated, Literal

import typer

from nophoto.jobs.cli.parameters.options import Json
from nophoto.jobs.cli.rendering.output import cell, print_json, say, stdout, warn

user_commands = typer.Typer(
    name="users",
    help="Who may log in to the console. A viewer looks, a moderator decides and changes the "
    "reference set, an engineer also promotes model versions and starts runs.",
    no_args_is_help=True,
)

Name = Annotated[str, typer.Argument(metavar="NAME")]
RoleChoice = Literal["viewer", "moderator", "engineer"]
Password = Annotated[
    bool,
    typer.Option("--password-stdin", help="Read the password from stdin instead of asking."),
]


@user_commands.command()
def add(
    name: Name,
    role: Annotated[RoleChoice, typer.Option(help="What they may do.")] = "moderator",
    collection: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Let them review uploads of this collection alone."),
    ] = None,
    password_stdin: Password = False,
) -> None:
    """Let somebody log in; the password is asked for, and kept as a hash alone."""
    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.jobs.operations.users import add_user
    from nophoto.models.records.tables import Role

    with open_database(load_settings()) as database:
        add_user(database, name, _password(password_stdin), Role(role), collection)
    say(f"{name} may log in as {role}")


@user_commands.command()
def change(
    name: Name,
    role: Annotated[RoleChoice | None, typer.Option(help="Another role.")] = None,
    collection: Annotated[
        str | None, typer.Option(metavar="NAME", help="Another collection; empty: all of them.")
    ] = None,
    password: Annotated[bool, typer.Option("--password", help="Ask for another password.")] = False,
    password_stdin: Password = False,
) -> None:
    """Give a user another role, collection or password."""
    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.jobs.operations.users import change_user
    from nophoto.models.records.tables import Role

    with open_database(load_settings()) as database:
        change_user(
            database,
            name,
            password=_password(password_stdin) if password or password_stdin else None,
            role=Role(role) if role else None,
            collection=collection,
        )
    say(f"{name} is changed")


@user_commands.command()
def remove(name: Name) -> None:
    """Let somebody log in no longer; their reviews stay."""
    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.jobs.operations.users import remove_user

    with open_database(load_settings()) as database:
        remove_user(database, name)
    say(f"{name} is removed")


@user_commands.command(name="list")
def list_users(as_json: Json = False) -> None:
    """List who may log in."""
    from rich.table import Table

    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.models.records.access import users

    with open_database(load_settings()) as database, database.reading() as session:
        rows = users.list_all(session)
    if as_json:
        print_json(
            [
                {
                    "name": row.name,
                    "role": row.role,
                    "collection": row.collection,
                    "created_at": row.created_at.isoformat(),
                }
                for row in rows
            ]
        )
        return
    table = Table("Name", "Role", "Collection", "Added (UTC)")
    for row in rows:
        table.add_row(
            cell(row.name),
            cell(row.role),
            cell(row.collection or "all"),
            cell(f"{row.created_at:%Y-%m-%d %H:%M}"),
        )
    stdout().print(table)
    if not rows:
        warn("nobody may log in yet. `nophoto users add NAME` lets somebody")


def _password(from_stdin: bool) -> str:
    if from_stdin:
        import sys

        return sys.stdin.readline().rstrip("\r\n")
    prompted: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return prompted
