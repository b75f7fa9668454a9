"""Writes the reference of commands from the commands themselves."""

import inspect
from typing import Any

import mkdocs_gen_files
import typer

from nophoto.jobs.cli import app

INTRODUCTION = """# Commands

Every command explains itself with `--help`. This page is made from the same words.
"""


def page() -> str:
    """The page as Markdown."""
    root = typer.main.get_command(app)
    return INTRODUCTION + "".join(_of(root, "nophoto", root.make_context("nophoto", ["settings"])))


def _of(command: Any, name: str, context: Any) -> list[str]:
    if hasattr(command, "commands"):
        parts = []
        for inner, child in command.commands.items():
            parts += _of(child, f"{name} {inner}", context)
        return parts
    parts = [f"\n## `{name}`\n\n{inspect.cleandoc(command.help or '')}\n\n"]
    usage = " ".join(command.collect_usage_pieces(context))
    parts.append(f"```\n{name} {usage}\n```\n\n")
    rows = [_row(parameter) for parameter in command.params if parameter.name != "help"]
    if rows:
        parts.append("| | meaning | default |\n|---|---|---|\n" + "\n".join(rows) + "\n")
    return parts


def _row(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        name = (parameter.metavar or parameter.name.upper()).replace("|", "\\|")
    else:
        name = ", ".join([*parameter.opts, *parameter.secondary_opts])
    default = parameter.default
    shown = "" if default in (None, False, "", ()) or callable(default) else f"`{default}`"
    words = " ".join((parameter.help or "").split()).replace("|", "\\|")
    return f"| `{name}` | {words} | {shown} |"


with mkdocs_gen_files.open("commands.md", "w") as file:
    file.write(page())
