"""`nophoto health` and `nophoto metrics`."""

from typing import Annotated, Literal

import typer

PartName = Literal["worker", "training", "beat", "notify", "console", "api"]

health_commands = typer.Typer(
    name="health", no_args_is_help=True, help="Say whether a process lives, and can work."
)


@health_commands.command()
def live(
    part: Annotated[PartName, typer.Argument(help="Which process of this host.")] = "worker",
) -> None:
    """Whether a worker, or another part, runs here and its loop goes round; exit code 1 if not.

    For what restarts processes: one that waits for its database or broker is live.
    """
    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.operations.probes import check_live

    print(check_live(load_settings(), part))


@health_commands.command()
def ready(
    part: Annotated[
        PartName | None,
        typer.Argument(help="That it is live here, and has what it needs; otherwise the whole."),
    ] = None,
) -> None:
    """Whether database, tables, broker, model version and roots are fit for work; 1 if not.

    For what sends work: nothing is changed, and the pictures are not looked at.
    """
    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.operations.probes import check_ready

    print(check_ready(load_settings(), part))


def metrics(
    port: Annotated[
        int, typer.Option(help="Instead of NOPHOTO_METRICS_PORT; 0: 9090.", min=0, max=65535)
    ] = 0,
) -> None:
    """Answer Prometheus until Ctrl-C: backlog, what judges, runs, database and broker.

    One for the whole installation. What the workers count, each of them answers on its own
    NOPHOTO_METRICS_PORT.
    """
    from threading import Event

    from prometheus_client import CollectorRegistry

    from nophoto.jobs.cli.rendering.output import say
    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.jobs.operations.exporter import StateCollector
    from nophoto.worker.broker.app import create_app
    from nophoto.worker.telemetry.metrics_server import exposing

    settings = load_settings()
    with open_database(settings) as database:
        registry = CollectorRegistry()
        registry.register(StateCollector(database, create_app(settings)))
        chosen = port or settings.metrics_port or 9090
        with exposing(registry, settings.metrics_host, chosen):
            say(f"metrics   http://{settings.metrics_host}:{chosen}/metrics, until Ctrl-C")
            Event().wait()
