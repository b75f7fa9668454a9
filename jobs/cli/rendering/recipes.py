"""What `nophoto retrain --help-recipe` prints: every field of the recipes."""

import json
from typing import TYPE_CHECKING

from nophoto.jobs.cli.rendering.output import cell, stdout

if TYPE_CHECKING:
    from pydantic import BaseModel


def print_recipes(wanted: bool) -> None:
    """Print the fields of both recipes, their defaults and meanings, and end the command."""
    if not wanted:
        return
    import typer

    from nophoto.models.vision.training.baseline.recipe import BaselineRecipe
    from nophoto.models.vision.training.recipes import QUICK, Recipe

    _print("The default recipe (--quick differs: see the third column)", Recipe, dict(QUICK))
    _print("The baseline recipe (--recipe baseline)", BaselineRecipe, None)
    raise typer.Exit


def _print(title: str, recipe: "type[BaseModel]", quick: "dict[str, object] | None") -> None:
    from rich.table import Table

    columns = ["Field", "Default", *(["--quick"] if quick is not None else []), "Meaning"]
    table = Table(*columns, title=title, title_justify="left")
    table.columns[0].no_wrap = True
    for name, field in recipe.model_fields.items():
        default = "" if field.default is None else json.dumps(field.default).strip('"')
        faster = [cell(quick.get(name, ""))] if quick is not None else []
        table.add_row(cell(name), cell(default), *faster, cell(field.description))
    stdout().print(table)
