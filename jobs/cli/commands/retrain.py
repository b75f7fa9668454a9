"""`nophoto retrain`."""

import signal
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from nophoto.jobs.cli.parameters.recipe import RecipeChanges, recipe_field
from nophoto.jobs.cli.rendering.output import say, warn
from nophoto.jobs.cli.rendering.recipes import print_recipes
from nophoto.jobs.cli.rendering.retraining import print_retrained
from nophoto.jobs.cli.rendering.training_progress import TrainingProgress

if TYPE_CHECKING:
    from nophoto.models.records.database import Database
    from nophoto.models.records.runs import ClaimedRun
    from nophoto.worker.retraining.request import RetrainParameters
    from nophoto.worker.settings import Settings


def retrain(
    real: Annotated[
        list[Path] | None,
        typer.Option(metavar="DIR", help="Real pictures; name it again for every source."),
    ] = None,
    composed: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DIR",
            help="Real pictures that a program put together: learnt, but no reference's reach is "
            "set by them. Name it again for every source.",
        ),
    ] = None,
    held_out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Holds placeholder/ and real/: to measure with, never learnt."
        ),
    ] = None,
    placeholders: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DIR",
            help="Placeholders of your own, beside the drawn ones; name it again for every source.",
        ),
    ] = None,
    reviews: Annotated[
        bool,
        typer.Option(
            help="Learn from the database too: references that were added, and uploads that "
            "moderators decided. One in five of these uploads is held out."
        ),
    ] = True,
    recipe: Annotated[
        Literal["default", "baseline", "seed"],
        typer.Option(
            help="`baseline`: the Keras siamese example, ResNet50 and triplets of 100 anchors; "
            "`seed`, its former name, goes with the next release."
        ),
    ] = "default",
    anchors: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH",
            help="For the baseline recipe: a folder or ZIP archive of placeholders, or one that "
            "holds `left` and `right`, pictures that belong together. The shipped references if "
            "not given.",
        ),
    ] = None,
    picture: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="For the baseline recipe: tell how similar this picture is with itself, changed, "
            "and with a real one.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Random seed of the training.")] = 0,
    quick: Annotated[
        bool,
        typer.Option(
            "--quick",
            help="For a try: fewer drawings, changed copies and steps. A few minutes on two cores "
            "for a few hundred pictures, and less accurate.",
        ),
    ] = False,
    changes: RecipeChanges = None,
    help_recipe: Annotated[  # noqa: ARG001 - its callback ends the command
        bool,
        typer.Option(
            "--help-recipe",
            callback=print_recipes,
            is_eager=True,
            help="List the fields of the recipes with their defaults and meanings, and exit.",
        ),
    ] = False,
    target: Annotated[
        float,
        typer.Option(min=0.0001, max=0.5, help="Share of real pictures that may be flagged."),
    ] = 0.001,
    sources: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Markdown on the pictures' origin, for the model card."),
    ] = None,
    activations: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Where the activations of pictures are kept, so that the next training need not "
            "compute them again; ~/.cache/nophoto/activations if not given.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Copy the new version's folder there as well."),
    ] = None,
    promote: Annotated[
        bool, typer.Option("--promote", help="Let it judge, if it passes the gate.")
    ] = False,
    detach: Annotated[
        bool,
        typer.Option(
            "--detach", help="Leave the work to a training worker (`nophoto worker --training`)."
        ),
    ] = False,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Go on here with the last retraining, as it was asked for."),
    ] = False,
) -> None:
    """Train a new model version, export it, set its threshold and register it.

    The network learns from drawn placeholders and distractors, from the shipped references, from
    your folders and from what people said in the database; with `--recipe baseline` from 100
    anchors and as many real pictures. It needs the extra `train`, and about ten minutes on two
    cores for 1,500 photographs.

    It is a run: `nophoto runs` shows its epochs, pauses and cancels it, and there is one at a time.
    One that was killed goes on from its last epoch by `--resume`, or on a training worker.
    """
    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.jobs.operations.upgrade import upgrade_database
    from nophoto.jobs.training.leased_run import lease_of
    from nophoto.jobs.training.train import check_installed

    settings = load_settings()
    if not detach:
        check_installed()
    if settings.is_database_embedded:
        upgrade_database(settings)
    with open_database(settings) as database:
        if resume:
            from nophoto.jobs.training.claim import claim_open

            _train_here(database, settings, claim_open(database, lease_of(settings)), out)
            return
        from nophoto.worker.retraining.request import RetrainParameters

        fields = {"seed": seed, **_quick(quick, recipe), **dict(map(recipe_field, changes or []))}
        paths = {
            "held_out": held_out,
            "anchors": anchors,
            "picture": picture,
            "activations": activations,
        }
        parameters = RetrainParameters.of(
            {
                "recipe": fields | ({} if recipe == "default" else {"recipe": recipe}),
                "placeholders": [str(path.absolute()) for path in placeholders or ()],
                "real": [str(path.absolute()) for path in real or ()],
                "composed": [str(path.absolute()) for path in composed or ()],
                **{name: str(path.absolute()) if path else None for name, path in paths.items()},
                "sources": sources.read_text(encoding="utf-8") if sources else "",
                "reviews": reviews,
                "target": target,
                "promote": promote,
            }
        )
        if detach:
            # Its paths are the training worker's, which looks itself.
            _ask(database, settings, parameters)
        else:
            from nophoto.jobs.training.claim import ask_and_take
            from nophoto.jobs.training.dataset import check_named

            check_named(parameters)
            taken = ask_and_take(database, parameters, lease_of(settings))
            _train_here(database, settings, taken, out)


def _quick(quick: bool, recipe: str) -> Mapping[str, Any]:
    from nophoto.models.vision.training.recipes import QUICK

    if quick and recipe != "default":
        raise typer.BadParameter("--quick belongs to the default recipe; use --set epochs=10 here")
    return QUICK if quick else {}


def _ask(database: "Database", settings: "Settings", parameters: "RetrainParameters") -> None:
    from nophoto.jobs.versions.promotion import current_user
    from nophoto.worker.broker.app import create_app
    from nophoto.worker.dispatch.runs import RunNotPublishedError
    from nophoto.worker.retraining.request import request_retraining

    try:
        run_id = request_retraining(database, create_app(settings), parameters, current_user())
    except RunNotPublishedError as error:
        warn(str(error))
        return
    print(run_id)
    say(f"run {run_id} waits for a training worker; `nophoto runs show {run_id}` tells of it")


def _train_here(
    database: "Database", settings: "Settings", claimed: "ClaimedRun", out: Path | None
) -> None:
    from nophoto.jobs.training.runner import execute_run
    from nophoto.jobs.versions.promotion import get_version
    from nophoto.models.vision.versions import keep_version
    from nophoto.worker.decoding.pool import decoders_of
    from nophoto.worker.versions.registry import open_registered

    # A service manager's or a container's way to stop it: the run is paused, as by Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    say(f"run {claimed.id}; Ctrl-C pauses it, and `nophoto retrain --resume` goes on")
    with TrainingProgress() as shown:
        done = execute_run(database, settings, decoders_of(settings), claimed, shown)
    row = get_version(database, done.result["model_version"])
    version = open_registered(row, settings)
    print_retrained(done, version, row.location)
    if out:
        copied = keep_version(version.folder, out.absolute())
        say(f"copied to {copied.folder}")
