"""`nophoto rescore`."""

from typing import TYPE_CHECKING, Annotated

import typer

from nophoto.jobs.cli.parameters.filters import (
    Failure,
    InCollection,
    KeyPrefix,
    Review,
    Since,
    State,
    Word,
    to_filter,
)
from nophoto.jobs.cli.parameters.options import Json, Raw
from nophoto.jobs.cli.rendering.output import print_json, progress, say, warn
from nophoto.jobs.cli.rendering.run_changes import Csv, Html, print_rescored, write_files

if TYPE_CHECKING:
    from nophoto.models.records.database import Database
    from nophoto.models.records.runs import RunRow

WAITS_FOR_A_WORD = 3
"""The exit code where the run stopped and asks."""


def rescore(
    state: State = None,
    verdict: Word = None,
    review: Review = None,
    failure: Failure = None,
    key_prefix: KeyPrefix = None,
    since: Since = None,
    collection: InCollection = None,
    model_version: Annotated[
        str | None, typer.Option(metavar="ID", help="Only verdicts of this model version.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell what would change, and write no verdict.")
    ] = False,
    model: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Judge by this version instead, with --dry-run."),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="However many verdicts turn over, do not ask.")
    ] = False,
    trust: Annotated[
        list[int] | None,
        typer.Option(
            metavar="ID", help="A reference that may suddenly match many uploads; repeatable."
        ),
    ] = None,
    follow: Annotated[
        bool, typer.Option(help="Whether to wait for the end; the run goes on without you.")
    ] = True,
    csv: Csv = None,
    raw: Raw = False,
    html: Html = None,
    as_json: Json = False,
) -> None:
    """Judge uploads again, after references, threshold or network have changed.

    Workers do it in chunks on the bulk lane, from stored embeddings; only pictures that the
    active network has not seen are read. Everything is compared before any verdict is written:
    where more verdicts would turn over than NOPHOTO_RESCORE_GUARD allows, the run stops and asks.
    A moderator's word always stands. Failed uploads are left alone unless --failure or --state
    failed names them; those are queued again. With --dry-run --model another version judges what is
    stored, before `nophoto model shadow` lets it judge live uploads.

    Exit code: 0 done; 1 failed or cancelled; 3 the run stopped and asks.
    """
    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.jobs.rescoring.rescore import estimate
    from nophoto.models.records.rescoring import RescoreParameters
    from nophoto.worker.broker.app import create_app
    from nophoto.worker.dispatch.runs import RunNotPublishedError, request_rescore

    settings = load_settings()
    filters = to_filter(
        state, verdict, review, failure, key_prefix, since, model_version, collection
    )
    with open_database(settings, collection) as database:
        parameters = RescoreParameters(filters, dry_run, yes, tuple(trust or ()), model)
        say(str(estimate(database, filters, model)))
        try:
            run_id = request_rescore(database, create_app(settings), parameters, _user())
        except RunNotPublishedError as error:
            warn(str(error))
            raise typer.Exit(1) from error
        say(f"run {run_id}; `nophoto runs pause {run_id}` and `cancel` stop it")
        if not follow:
            if as_json:
                print_json({"run": run_id})
            return
        run = _follow(database, run_id)
        print_rescored(run, as_json=as_json)
        write_files(database, settings, run, csv, raw, html)
    if run.state == "paused":
        raise typer.Exit(WAITS_FOR_A_WORD)
    if run.state != "done":
        raise typer.Exit(1)


def _follow(database: "Database", run_id: int) -> "RunRow":
    from nophoto.jobs.rescoring.rescore import follow

    def on_wait() -> None:
        warn("no worker has taken the run up yet; is `nophoto worker` or `nophoto up` running?")

    with progress("rescoring") as advance:
        for run in follow(database, run_id, on_wait):
            seen = run.progress or {}
            if seen.get("total"):
                advance(seen["done"], seen["total"])
    return run


def _user() -> str:
    from getpass import getuser

    try:
        return getuser()
    except (KeyError, OSError):
        return "unknown"  # a container's user without a name
