"""`nophoto up` and `nophoto worker`."""

import logging
from typing import Annotated, Literal

import typer

from jobs.cli.output import say, warn

Level = Annotated[
    Literal["debug", "info", "warning", "error"],
    typer.Option("--log-level", help="How much is logged, on stderr."),
]
LaneChoice = Annotated[
    Literal["interactive", "bulk", "both"], typer.Option(help="Which queue it works on.")
]


def worker(lane: LaneChoice = "both", log_level: Level = "info") -> None:
    """Judge uploads from the queue until Ctrl-C or SIGTERM.

    Start as many as you like, on as many machines: they share the database and the broker. What
    is in hand at a stop is finished or given back.
    """
    from jobs.configuration import load_settings
    from worker.app import LANES
    from worker.run import run_worker

    settings = load_settings()
    _log(log_level)
    _warn_without_roots(settings.roots)
    raise typer.Exit(run_worker(settings, LANES if lane == "both" else (lane,)))


def up(log_level: Level = "info") -> None:
    """Run all of nophoto on this machine until Ctrl-C: database, broker and worker.

    Without further settings that is SQLite and a Valkey server of its own, both in NOPHOTO_HOME.
    The database is migrated first; where NOPHOTO_DATABASE_URL or NOPHOTO_BROKER_URL is set, that
    one is used as it is, and is neither migrated nor started.
    """
    from contextlib import nullcontext

    from jobs.configuration import load_settings, mask_password
    from jobs.upgrade import upgrade_database
    from worker.embedded import embedded_valkey
    from worker.run import run_worker

    settings = load_settings()
    _log(log_level)
    if settings.is_database_embedded:
        upgrade_database(settings)
    broker = embedded_valkey(settings) if settings.is_broker_embedded else nullcontext()
    with broker:
        say(f"database  {mask_password(settings.effective_database_url)}")
        say(f"broker    {mask_password(settings.effective_broker_url)}")
        say(f"uploads   {', '.join(settings.roots) or 'from nowhere yet'}")
        _warn_without_roots(settings.roots)
        say("enqueue   nophoto enqueue PATH, in another terminal with the same settings")
        say("stop      Ctrl-C")
        status = run_worker(settings)
    raise typer.Exit(status)


def _log(level: str) -> None:
    # Before the worker's own configuration, which leaves an existing one as it is.
    logging.basicConfig(
        level=level.upper(), format="%(asctime)s %(levelname)s %(process)d %(name)s: %(message)s"
    )
    logging.getLogger("alembic").setLevel(logging.WARNING)


def _warn_without_roots(roots: tuple[str, ...]) -> None:
    if not roots:
        warn(
            "NOPHOTO_ROOTS is empty: nothing may be read, and every upload ends as `forbidden`. "
            "Set it to the folders that hold uploads, NOPHOTO_ROOTS=/srv/uploads,/mnt/more"
        )
