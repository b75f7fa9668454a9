"""`nophoto collections`."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nophoto.jobs.cli.parameters.options import Json
from nophoto.jobs.cli.rendering.output import cell, print_json, say, stdout, warn

if TYPE_CHECKING:
    from nophoto.worker.settings import Settings

collection_commands = typer.Typer(
    name="collections",
    help="Parts of the uploads that are judged, told and kept by settings of their own. Running "
    "workers follow a change within 10 seconds.",
    no_args_is_help=True,
)

Name = Annotated[str, typer.Argument(metavar="NAME")]
Rate = Annotated[
    float | None,
    typer.Option(
        "--false-positive-rate", min=0, max=1, help="As NOPHOTO_FALSE_POSITIVE_RATE, here alone."
    ),
]
Kinds = Annotated[
    str | None,
    typer.Option(
        metavar="JSON",
        help='As NOPHOTO_KINDS, here alone: {"brand": "off"}. Replaces those before.',
    ),
]
Band = Annotated[
    str | None,
    typer.Option(
        "--review-band",
        metavar="LOW,HIGH",
        help="Scores that are marked for review, such as -0.05,0.03.",
    ),
]
Webhook = Annotated[
    str | None,
    typer.Option(
        metavar="ENDPOINT",
        help="Name of the endpoint of NOPHOTO_WEBHOOKS that is told, and no other webhook.",
    ),
]
UploadsDays = Annotated[
    float | None, typer.Option("--uploads-days", help="Days after which an upload is erased.")
]
ScoresDays = Annotated[
    float | None,
    typer.Option("--scores-days", help="Days after which all scores but the newest go."),
]
CohortDays = Annotated[
    float | None,
    typer.Option("--cohort-days", help="Days after which its pictures leave the cohort."),
]


@collection_commands.command(name="list")
def list_collections(as_json: Json = False) -> None:
    """List the collections and their settings; what is not named is as in the installation."""
    from rich.table import Table

    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.models.records import collections

    with open_database(load_settings()) as database, database.reading() as session:
        rows = [row.as_dict() for row in collections.list_all(session)]
    if as_json:
        print_json(rows)
        return
    table = Table("Name", "Settings of its own")
    for row in rows:
        own = {name: value for name, value in row.items() if value and name != "name"}
        table.add_row(cell(row["name"]), cell(", ".join(f"{k} {_text(v)}" for k, v in own.items())))
    stdout().print(table)


@collection_commands.command()
def add(
    name: Name,
    rate: Rate = None,
    kinds: Kinds = None,
    review_band: Band = None,
    webhook: Webhook = None,
    uploads_days: UploadsDays = None,
    scores_days: ScoresDays = None,
    cohort_days: CohortDays = None,
) -> None:
    """Add a collection; uploads name it when they are enqueued."""
    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.jobs.versions.promotion import current_user
    from nophoto.models.records import collections
    from nophoto.models.records.collections import CollectionRow

    settings = load_settings()
    given = _given(
        settings, rate, kinds, review_band, webhook, uploads_days, scores_days, cohort_days
    )
    with open_database(settings) as database, database.transaction() as session:
        collections.add(session, CollectionRow(name, **given), by=current_user())
    say(
        f"the collection {name} is there; `nophoto enqueue --collection {name}` sends uploads to it"
    )


@collection_commands.command(name="set")
def set_settings(
    name: Name,
    rate: Rate = None,
    kinds: Kinds = None,
    review_band: Band = None,
    webhook: Webhook = None,
    uploads_days: UploadsDays = None,
    scores_days: ScoresDays = None,
    cohort_days: CohortDays = None,
    unset: Annotated[
        list[str] | None,
        typer.Option(
            metavar="OPTION",
            help="Let one be as in the installation again, such as review-band; repeatable.",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell what would turn over.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Change a collection's settings, once it was shown what they would turn over.

    They are tried on the collection's last 20,000 uploads by their stored embeddings. Where some
    would get another verdict, the command asks. Verdicts that were given stay until `nophoto
    rescore --collection NAME`. The audit keeps the change. Exit code 1 if it was not made.
    """
    from dataclasses import asdict, replace

    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.curation.collections import preview_settings
    from nophoto.jobs.database import open_database
    from nophoto.jobs.versions.promotion import current_user
    from nophoto.models.records import collections
    from nophoto.worker.decoding.pool import decoders_of

    settings = load_settings()
    given = _given(
        settings, rate, kinds, review_band, webhook, uploads_days, scores_days, cohort_days
    )
    with open_database(settings) as database:
        with database.reading() as session:
            before = collections.get(session, name)
        after = replace(before, **(given | _unset(unset or [])))
        if after == before:
            say(f"nothing changes: {name} has these settings already")
            return
        found = preview_settings(database, settings, decoders_of(settings), before, after)
        say(str(found))
        for key in found.examples:
            say(f"  {key}")
        turns = found.to_placeholder + found.to_real
        if dry_run:
            if as_json:
                print_json(asdict(found))
            return
        if turns and not yes and not typer.confirm("Change the settings?", err=True):
            raise typer.Exit(1)
        with database.transaction() as session:
            collections.change(session, after, by=current_user())
    if as_json:
        print_json({"before": before.as_dict(), "after": after.as_dict(), "preview": asdict(found)})
    if turns:
        say(f"verdicts that were given stay until `nophoto rescore --collection {name}`")


def _given(
    settings: "Settings",
    rate: float | None,
    kinds: str | None,
    band: str | None,
    webhook: str | None,
    uploads_days: float | None,
    scores_days: float | None,
    cohort_days: float | None,
) -> dict[str, Any]:
    low, high = _band(band) if band else (None, None)
    if webhook and webhook not in {endpoint.name for endpoint in settings.webhooks}:
        warn(
            f"NOPHOTO_WEBHOOKS has no endpoint {webhook} here. Until `nophoto notify` runs with "
            "one, what it is to be told waits"
        )
    values = {
        "false_positive_rate": rate,
        "kinds": _kinds(kinds) if kinds else None,
        "review_low": low,
        "review_high": high,
        "webhook": webhook,
        "uploads_days": uploads_days,
        "scores_days": scores_days,
        "cohort_days": cohort_days,
    }
    return {name: value for name, value in values.items() if value is not None}


def _unset(options: list[str]) -> dict[str, Any]:
    named: dict[str, dict[str, Any]] = {
        "false-positive-rate": {"false_positive_rate": None},
        "kinds": {"kinds": {}},
        "review-band": {"review_low": None, "review_high": None},
        "webhook": {"webhook": None},
        "uploads-days": {"uploads_days": None},
        "scores-days": {"scores_days": None},
        "cohort-days": {"cohort_days": None},
    }
    found: dict[str, Any] = {}
    for option in options:
        if option.lstrip("-") not in named:
            raise typer.BadParameter(f"names one of {', '.join(named)}", param_hint="--unset")
        found |= named[option.lstrip("-")]
    return found


def _band(text: str) -> tuple[float, float]:
    try:
        low, high = (float(part) for part in text.split(","))
    except ValueError as error:
        raise typer.BadParameter(
            "write two scores, such as -0.05,0.03", param_hint="--review-band"
        ) from error
    return low, high


def _kinds(text: str) -> dict[Any, Any]:
    from nophoto.models.vocabulary import Kind, KindMode

    try:
        values = json.loads(text)
        return {Kind(kind): KindMode(mode) for kind, mode in values.items()}
    except (ValueError, AttributeError) as error:
        raise typer.BadParameter(
            f'write JSON such as {{"brand": "off", "cartoon": "copies"}} ({error})',
            param_hint="--kinds",
        ) from error


def _text(value: object) -> str:
    return json.dumps(value) if isinstance(value, dict) else str(value)
