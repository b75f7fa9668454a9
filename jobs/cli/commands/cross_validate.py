"""`nophoto cross-validate`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nophoto.jobs.cli.parameters.options import Json
from nophoto.jobs.cli.parameters.recipe import RecipeChanges, recipe_field
from nophoto.jobs.cli.rendering.output import cell, print_json, say, stdout
from nophoto.jobs.cli.rendering.training_progress import TrainingProgress

if TYPE_CHECKING:
    from rich.table import Table

    from nophoto.jobs.training.cross_validation_figures import CrossValidation, Found
    from nophoto.models.vision.evaluation import Rate
    from nophoto.models.vision.training.recipes import Recipe


def cross_validate(
    folders: Annotated[
        list[Path],
        typer.Argument(
            metavar="DIR...", help="Each holds placeholder/ and real/, one folder a project below."
        ),
    ],
    projects: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="CSV",
            help="Names projects where folders do not: columns `path`, relative to the file, and "
            "`project` or `source_repo`; name it again for more files.",
        ),
    ] = None,
    kinds: Annotated[
        Path | None,
        typer.Option(
            metavar="CSV",
            help="Names the kinds of placeholders: columns `path`, relative to the file, `kind` "
            "and `ambiguous`, which is 1 where somebody could take one for an upload.",
        ),
    ] = None,
    placeholders: Annotated[
        list[Path] | None,
        typer.Option(metavar="DIR", help="More placeholders, learnt in every fold."),
    ] = None,
    real: Annotated[
        list[Path] | None,
        typer.Option(metavar="DIR", help="More real pictures, learnt in every fold."),
    ] = None,
    folds: Annotated[int, typer.Option(min=2, help="Parts of the projects.")] = 5,
    seed: Annotated[int, typer.Option(min=0, help="Random seed of the trainings.")] = 0,
    changes: RecipeChanges = None,
    activations: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Where the activations of pictures are kept between trainings; "
            "~/.cache/nophoto/activations if not given.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Measure the recipe on projects that it has not seen.

    The projects are split into folds. For each fold a head is trained on all others and judges the
    fold's pictures, so that no picture is judged by a network that has seen its project. The first
    table is of the shipped decision and of what is near what; the others choose thresholds by the
    real pictures outside real/hard/. Nothing is kept but activations. It needs the extra `train`.
    """
    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.training.cross_validate import cross_validate as run
    from nophoto.jobs.training.known_pictures import known_pictures
    from nophoto.worker.decoding.pool import decoders_of

    recipe = _recipe(seed, changes or [])
    pictures = known_pictures(folders, projects or [], kinds)
    decoders = decoders_of(load_settings())
    with TrainingProgress() as shown:
        found = run(
            recipe, pictures, folds, decoders, shown, placeholders or [], real or [], activations
        )
    if as_json:
        print_json(found.as_dict())
    else:
        _print(found)


def _recipe(seed: int, changes: list[str]) -> "Recipe":
    from pydantic import ValidationError

    from nophoto.models.vision.training.recipes import Recipe

    try:
        return Recipe.model_validate({"seed": seed, **dict(map(recipe_field, changes))})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = ".".join(map(str, first["loc"]))
        raise typer.BadParameter(f"--set {name}: {first['msg']}") from error


def _print(found: "CrossValidation") -> None:
    from nophoto.jobs.training.cross_validation_figures import nearness_rates

    decision = found.decision
    table = _table("Figure", f"The shipped decision, at a rate of {decision.rate:.1%}")
    _add(table, "clear placeholders found", decision.recall)
    _add(table, "real pictures flagged", decision.false_positives)
    for name, rate in nearness_rates(found.nearness).items():
        _add(table, name, rate)
    stdout().print(table)
    stdout().print(f"median cosine of two references {found.nearness.median_cosine:.2f}")
    for title, rates in (
        ("Clear placeholders found, by kind", decision.by_kind),
        ("Real pictures flagged, by folder", decision.by_group),
        ("Real pictures flagged, by project", _some(decision.by_project)),
    ):
        table = _table("Name", title)
        for name, rate in rates.items():
            _add(table, name, rate)
        stdout().print(table)
    table = _table("Figure", "At thresholds that these pictures choose")
    for at in found.at:
        name = f"at {at.rate:.1%} false alarms"
        _add(table, f"placeholders found {name}", at.found)
        low, high = at.project_interval
        table.add_row(
            cell(f"mean of projects {name}"),
            f"{at.project_mean:.2%}",
            f"{low:.2%} – {high:.2%}",
            f"{len(at.by_project):,} projects",
        )
        _add(table, f"hard pictures flagged {name}", at.hard)
    stdout().print(table)
    stdout().print(f"area under the ROC curve {found.auc:.4f}")
    strictest = found.at[-1]
    for title, rates in _details(strictest):
        table = _table("Name", title)
        for name, rate in rates.items():
            _add(table, name, rate)
        stdout().print(table)
    perfect = sum(rate.hits == rate.total for rate in strictest.by_project.values())
    say(
        f"of {perfect:,} of {len(strictest.by_project):,} projects every placeholder is found at "
        f"{strictest.rate:.1%} false alarms; --json lists all pictures"
    )


def _some(rates: "dict[str, Rate]") -> "dict[str, Rate]":
    """Those with a hit, the worst first."""
    return {name: rate for name, rate in rates.items() if rate.hits}


def _details(found: "Found") -> "list[tuple[str, dict[str, Rate]]]":
    at = f"at {found.rate:.1%} false alarms"
    missed = {n: rate for n, rate in found.by_project.items() if rate.hits < rate.total}
    return [
        (f"Projects with placeholders missed {at}", missed),
        (f"Found {at}, by folder of placeholder/", found.by_kind),
        (f"Flagged {at}, by folder of real/", found.false_alarms),
    ]


def _table(first: str, title: str) -> "Table":
    from rich.table import Table

    table = Table(first, "Share", "95 % interval", "Of", title=title, title_justify="left")
    for column in table.columns[1:]:
        column.justify = "right"
    return table


def _add(table: "Table", name: str, rate: "Rate") -> None:
    low, high = rate.interval
    table.add_row(
        cell(name), f"{rate.value:.2%}", f"{low:.2%} – {high:.2%}", f"{rate.hits:,}/{rate.total:,}"
    )
