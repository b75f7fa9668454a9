"""`nophoto settings`."""

from typing import Annotated

import typer

from nophoto.jobs.cli.parameters.options import Json
from nophoto.jobs.cli.rendering.output import cell, print_json, say, stdout


def settings(
    as_json: Json = False,
    changed: Annotated[
        bool, typer.Option("--changed", help="Only those that are not at their default.")
    ] = False,
) -> None:
    """Show every setting: its value, where that comes from, and what it means.

    Set one as an environment variable, or as a line NAME=value in a file .env in the folder
    where nophoto is started; the environment wins. Passwords and tokens are never printed.
    """
    from dataclasses import asdict

    from rich.table import Table

    from nophoto.jobs.configuration import describe, load_settings

    described = [
        setting
        for setting in describe(load_settings())
        if not changed or setting.origin != "default"
    ]
    if as_json:
        print_json([asdict(setting) for setting in described])
        return
    if not described:
        say("every setting is at its default")
        return
    table = Table("Variable", "Value", "From", "Meaning", show_lines=True)
    table.columns[0].no_wrap = True
    table.columns[1].overflow = "fold"
    for setting in described:
        value = setting.value
        shown = ", ".join(value) if isinstance(value, list) else f"{value}"
        style = "" if setting.origin == "default" else "bold cyan"
        table.add_row(
            cell(setting.variable, "bold"),
            cell(shown or None, style),
            cell(setting.origin, style),
            cell(setting.description),
        )
    stdout().print(table)
