"""`nophoto up`, `nophoto worker` and `nophoto beat`."""

import gc
import logging
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from nophoto.jobs.cli.commands.api import check_api_installed
from nophoto.jobs.cli.commands.console import check_console_installed
from nophoto.jobs.cli.rendering.output import say, warn

if TYPE_CHECKING:
    from nophoto.worker.settings import Settings

Level = Annotated[
    Literal["debug", "info", "warning", "error"],
    typer.Option("--log-level", help="How much is logged, on stderr."),
]
LaneChoice = Annotated[
    Literal["interactive", "bulk", "both"], typer.Option(help="Which queue it works on.")
]


def worker(
    lane: LaneChoice = "both",
    training: Annotated[
        bool,
        typer.Option(
            "--training", help="Work on retrainings instead; needs the extra `train`, and memory."
        ),
    ] = False,
    log_level: Level = "info",
) -> None:
    """Judge uploads from the queue until Ctrl-C or SIGTERM.

    Start as many as you like, on as many machines: they share the database and the broker. What
    is in hand at a stop is finished or given back.
    """
    from nophoto.jobs.configuration import load_settings

    settings = load_settings()
    _log(log_level, settings)
    if training:
        from nophoto.jobs.training.main import COMMAND
        from nophoto.jobs.training.train import check_installed
        from nophoto.worker.process.training_worker import run_training_worker

        check_installed()
        raise typer.Exit(run_training_worker(settings, COMMAND))
    # What is imported and built from here on stays: looking through it takes a tenth of a second.
    # The worker looks for garbage again once it is up.
    gc.disable()
    from nophoto.worker.decoding.pool import start_beside

    # While one processor imports the rest, the others have nothing to do.
    decoding = start_beside(settings)
    from nophoto.worker.broker.app import LANES
    from nophoto.worker.process.scoring_worker import run_worker

    _warn_without_roots(settings.roots)
    raise typer.Exit(run_worker(settings, LANES if lane == "both" else (lane,), decoding))


def beat(log_level: Level = "info") -> None:
    """Send what is due by the clock until Ctrl-C: the night's rescoring and pruning, the sweep.

    NOPHOTO_RESCORE_AT and NOPHOTO_PRUNE_AT say when, NOPHOTO_TIMEZONE where. One is enough; a
    second one, running by mistake, sends nothing twice. A night that was missed is named in the
    log and by `nophoto doctor`.
    """
    from nophoto.jobs.configuration import load_settings
    from nophoto.worker.scheduler.run import run_beat

    settings = load_settings()
    _log(log_level, settings)
    run_beat(settings)


def up(
    console: Annotated[
        bool, typer.Option("--console", help="Serve the web pages as well, on 127.0.0.1:7860.")
    ] = False,
    api: Annotated[
        bool, typer.Option("--api", help="Serve the HTTP API as well, on 127.0.0.1:8000.")
    ] = False,
    log_level: Level = "info",
) -> None:
    """Run all of nophoto on this machine until Ctrl-C: database, broker, worker and schedule.

    Without further settings that is SQLite and a Valkey server of its own, both in NOPHOTO_HOME.
    The database is migrated first; where NOPHOTO_DATABASE_URL or NOPHOTO_BROKER_URL is set, that
    one is used as it is, and is neither migrated nor started.
    """
    from contextlib import nullcontext

    from nophoto.jobs.configuration import load_settings, mask_secrets
    from nophoto.jobs.operations.child_processes import child_processes
    from nophoto.jobs.operations.upgrade import upgrade_database
    from nophoto.worker.broker.embedded import embedded_valkey
    from nophoto.worker.notifications.run import outlets
    from nophoto.worker.process.scoring_worker import run_worker

    settings = load_settings()
    _log(log_level, settings)
    if console:
        check_console_installed()
    if api:
        check_api_installed()
    if settings.is_database_embedded:
        upgrade_database(settings)
    broker = embedded_valkey(settings) if settings.is_broker_embedded else nullcontext()
    with broker:
        say(f"database  {mask_secrets(settings.effective_database_url)}")
        say(f"broker    {mask_secrets(settings.effective_broker_url)}")
        say(f"uploads   {', '.join(settings.roots) or 'from nowhere yet'}")
        _warn_without_roots(settings.roots)
        say(f"schedule  {_schedule(settings)}")
        say("enqueue   nophoto enqueue PATH, in another terminal with the same settings")
        say("stop      Ctrl-C")
        beside = ["beat"]
        if outlets(settings):
            beside.append("notify")
        if console:
            beside.append("console")
        if api:
            beside.append("api")
        with child_processes(beside):
            status = run_worker(settings)
    raise typer.Exit(status)


def _log(level: str, settings: "Settings") -> None:
    from nophoto.worker.telemetry import logs

    # Before the worker's own configuration, which leaves an existing one as it is.
    logs.configure(settings.log_format, level.upper())
    logging.getLogger("alembic").setLevel(logging.WARNING)


def _schedule(settings: "Settings") -> str:
    times = {"rescore": settings.rescore_at, "prune": settings.prune_at}
    said = [f"{job} at {at:%H:%M}" for job, at in times.items() if at is not None]
    return f"{', '.join(said)} ({settings.timezone})" if said else "nothing at night"


def _warn_without_roots(roots: tuple[str, ...]) -> None:
    if not roots:
        warn(
            "NOPHOTO_ROOTS is empty: nothing may be read, and every upload ends as `forbidden`. "
            "Set it to the folders that hold uploads, NOPHOTO_ROOTS=/srv/uploads,/mnt/more"
        )
