"""The `nophoto` command. Each command imports what it needs when it runs: help comes at once."""

import gc
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from nophoto.jobs.cli.commands.allow import allow_commands
from nophoto.jobs.cli.commands.api import api
from nophoto.jobs.cli.commands.collections import collection_commands
from nophoto.jobs.cli.commands.console import console
from nophoto.jobs.cli.commands.cross_validate import cross_validate
from nophoto.jobs.cli.commands.database import database_commands
from nophoto.jobs.cli.commands.demo import demo
from nophoto.jobs.cli.commands.discover import discover
from nophoto.jobs.cli.commands.doctor import doctor
from nophoto.jobs.cli.commands.drift import drift
from nophoto.jobs.cli.commands.enqueue import enqueue
from nophoto.jobs.cli.commands.evaluate import evaluate
from nophoto.jobs.cli.commands.failures import failures, retry
from nophoto.jobs.cli.commands.health import health_commands, metrics
from nophoto.jobs.cli.commands.history import history
from nophoto.jobs.cli.commands.keys import key_commands
from nophoto.jobs.cli.commands.life import audit, erase, rejudge
from nophoto.jobs.cli.commands.model import model_commands
from nophoto.jobs.cli.commands.outbox import notify, outbox_commands
from nophoto.jobs.cli.commands.quality import quality
from nophoto.jobs.cli.commands.references import reference_commands
from nophoto.jobs.cli.commands.report import report
from nophoto.jobs.cli.commands.rescore import rescore
from nophoto.jobs.cli.commands.results import results
from nophoto.jobs.cli.commands.retrain import retrain
from nophoto.jobs.cli.commands.reviews import review_commands
from nophoto.jobs.cli.commands.runs import run_commands
from nophoto.jobs.cli.commands.score import score
from nophoto.jobs.cli.commands.serve import beat, up, worker
from nophoto.jobs.cli.commands.settings import settings
from nophoto.jobs.cli.commands.status import status
from nophoto.jobs.cli.commands.users import user_commands
from nophoto.jobs.cli.commands.weights import weight_commands
from nophoto.jobs.cli.rendering.output import print_error, warn
from nophoto.models.errors import NophotoError
from nophoto.models.processors import limit_libraries

EPILOG = """
Start here, on one machine with nothing else installed:

1. `NOPHOTO_ROOTS=/srv/uploads nophoto up` runs database, broker and worker until Ctrl-C.
2. `nophoto enqueue /srv/uploads`, in another terminal, queues what lies there.
3. `nophoto report` shows what was found, as one HTML file.

Every setting is an environment variable or a line of `.env`; `nophoto settings` lists them.
"""


class _Group(TyperGroup):
    def invoke(self, ctx: Any) -> Any:
        """Print an error that is written for the user as its message alone."""
        from nophoto.jobs.unknown_settings import unknown_settings

        for unknown in unknown_settings():
            warn(unknown)
        try:
            return super().invoke(ctx)
        except NophotoError as error:
            print_error(error)
            raise typer.Exit(1) from error


app = typer.Typer(
    cls=_Group,
    name="nophoto",
    no_args_is_help=True,
    help="Tells placeholder pictures from real photographs in a moderation queue.",
    epilog=EPILOG,
    rich_markup_mode="markdown",
    # A traceback with its locals would print passwords, and a plain one can be pasted.
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"nophoto {version('nophoto')}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    pass


_RUN = "Run"
_WORK = "Daily work"
_TRY = "Try and measure"
_TRAIN = "Train"

app.command(rich_help_panel=_RUN)(up)
app.command(rich_help_panel=_RUN)(worker)
app.command(rich_help_panel=_RUN)(beat)
app.command(rich_help_panel=_RUN)(notify)
app.command(rich_help_panel=_RUN)(console)
app.add_typer(user_commands, rich_help_panel=_RUN)
app.command(rich_help_panel=_RUN)(api)
app.add_typer(key_commands, rich_help_panel=_RUN)
app.add_typer(database_commands, rich_help_panel=_RUN)
app.command(rich_help_panel=_RUN)(doctor)
app.add_typer(health_commands, rich_help_panel=_RUN)
app.command(rich_help_panel=_RUN)(metrics)
app.command(rich_help_panel=_RUN)(settings)
app.command(rich_help_panel=_WORK)(enqueue)
app.command(rich_help_panel=_WORK)(status)
app.command(rich_help_panel=_WORK)(results)
app.command(rich_help_panel=_WORK)(failures)
app.command(rich_help_panel=_WORK)(retry)
app.command(rich_help_panel=_WORK)(rejudge)
app.command(rich_help_panel=_WORK)(erase)
app.command(rich_help_panel=_WORK)(report)
app.add_typer(reference_commands, rich_help_panel=_WORK)
app.add_typer(review_commands, rich_help_panel=_WORK)
app.add_typer(allow_commands, rich_help_panel=_WORK)
app.add_typer(collection_commands, rich_help_panel=_WORK)
app.command(rich_help_panel=_WORK)(discover)
app.command(rich_help_panel=_WORK)(quality)
app.command(rich_help_panel=_WORK)(drift)
app.command(rich_help_panel=_WORK)(history)
app.command(rich_help_panel=_WORK)(audit)
app.command(rich_help_panel=_WORK)(rescore)
app.add_typer(run_commands, rich_help_panel=_WORK)
app.add_typer(outbox_commands, rich_help_panel=_WORK)
app.command(rich_help_panel=_TRY)(demo)
app.command(rich_help_panel=_TRY)(score)
app.command(rich_help_panel=_TRY)(evaluate)
app.command(rich_help_panel=_TRAIN)(retrain)
app.add_typer(model_commands, rich_help_panel=_TRAIN)
app.command(rich_help_panel=_TRAIN)(cross_validate)
app.add_typer(weight_commands, rich_help_panel=_TRAIN)


COLLECTED_AFTER: Final = 10_000
"""Objects that are made before Python looks for unreachable ones. Imports and rows of a table make
hundreds of thousands that stay: to look through them after each 700, Python's own number, takes a
sixth of a command's start."""


def main() -> None:
    """The console script."""
    gc.set_threshold(COLLECTED_AFTER)
    limit_libraries()  # before a command imports what starts threads
    app()
