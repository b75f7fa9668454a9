"""`nophoto db`."""

from typing import Annotated

import typer

from nophoto.jobs.cli.parameters.options import Json
from nophoto.jobs.cli.rendering.output import print_json, warn

database_commands = typer.Typer(name="db", help="The database.", no_args_is_help=True)


@database_commands.callback()
def _root() -> None:
    """The database."""


@database_commands.command()
def upgrade(as_json: Json = False) -> None:
    """Create or migrate the tables, and install the shipped network and references.

    Does nothing where there is nothing to do: run it after every installation of nophoto.
    """
    from dataclasses import asdict

    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.operations.upgrade import upgrade_database
    from nophoto.jobs.uploads.status import EMPTY_SET

    done = upgrade_database(load_settings())
    if as_json:
        print_json(asdict(done))
    else:
        print(
            f"{done.database} was at revision {done.revision} already"
            if done.was_migrated
            else f"migrated {done.database} to revision {done.revision}"
        )
        print(f"{'activated' if done.activated else 'kept'} the model version {done.model_version}")
        added = f"added {done.added:,} shipped references: " if done.added else ""
        print(
            f"{added}the reference set is at version {done.set_version}, with "
            f"{done.set_size:,} references"
        )
    if not done.set_size:
        warn(EMPTY_SET)


@database_commands.command()
def prune(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Count what would be deleted, and delete nothing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Delete what nobody needs any more, as the schedule does every night.

    That is: scores older than NOPHOTO_HISTORY_DAYS that repeat the verdict before them and are
    not the newest; embeddings of model versions that judge no more and that no rollback leads to;
    what rescorings older than NOPHOTO_CHANGES_DAYS found; and what a collection keeps for so many
    days, which --dry-run does not count. It goes batch by batch beside the work.
    """
    from dataclasses import asdict

    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.worker.maintenance.pruning import prune as run

    settings = load_settings()
    with open_database(settings) as database:
        done = run(database, settings, dry_run=dry_run)
    if as_json:
        counts = asdict(done)
        shown = ["scores", "embeddings", "changes"]
        if not dry_run:  # which does not count these
            shown += ["uploads", "cohort"]
        print_json({name: counts[name] for name in shown})
        return
    print(
        f"{'would delete' if dry_run else 'deleted'} {done.scores:,} scores, "
        f"{done.embeddings:,} embeddings and {done.changes:,} changes of old rescorings"
    )
    if done.uploads or done.cohort:
        print(
            f"erased {done.uploads:,} uploads and {done.cohort:,} pictures of the cohort, which "
            "their collections keep no longer"
        )
