"""The option by which commands change fields of a recipe."""

import json
from typing import Annotated, Any

import typer

RecipeChanges = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="Another value for a field of the recipe, such as steps=3000; again for more. "
        "`nophoto retrain --help-recipe` lists the fields.",
    ),
]


def recipe_field(change: str) -> tuple[str, Any]:
    """The name and the value in NAME=VALUE."""
    name, equals, value = change.partition("=")
    if not equals:
        raise typer.BadParameter(f"--set {change}: it takes NAME=VALUE, such as steps=3000")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value  # a word
