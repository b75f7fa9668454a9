"""`nophoto rejudge`, `nophoto erase` and `nophoto audit`."""

import sys
from typing import Annotated

import typer

from nophoto.jobs.cli.commands.enqueue import STORED_BUT_NOT_TOLD
from nophoto.jobs.cli.parameters.options import Json
from nophoto.jobs.cli.rendering.output import cell, print_json, progress, say, stdout, warn

Keys = Annotated[
    list[str],
    typer.Argument(metavar="KEY...|-", help="The uploads' keys, or - for a line each on stdin."),
]


def rejudge(keys: Keys, as_json: Json = False) -> None:
    """Judge uploads again from their files, as if they had just come.

    For a file that holds other bytes than those that were judged: by itself nobody notices. An
    upload keeps its verdict until it gets the next; a moderator's word stays unless the bytes are
    others.

    Exit code: 0 all wait; 1 a key is unknown; 3 all wait, but the broker does not answer, so that
    the next sweep of a worker sends them.
    """
    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.jobs.uploads.rejudge import rejudge as run
    from nophoto.worker.broker.app import create_app

    settings = load_settings()
    with open_database(settings) as database:
        done = run(database, create_app(settings), _named(keys), chunk_size=settings.chunk_size)
    if as_json:
        print_json(
            {
                "queued": done.queued,
                "unknown": done.unknown,
                "broker_error": done.broker_error,
            }
        )
    else:
        say(f"{len(done.queued):,} uploads are judged again")
    if done.broker_error:
        warn(f"{done.broker_error}. They are not lost: the next sweep of a worker sends them")
    _end_for(done.unknown, as_json)
    if done.broker_error:
        raise typer.Exit(STORED_BUT_NOT_TOLD)


def erase(keys: Keys, as_json: Json = False) -> None:
    """Erase uploads for good: verdicts, decisions, notices, embeddings and copies go with them.

    The platform's own files stay where they are. The audit keeps how many were erased, when and by
    whom, and no key. A model version that was trained with a picture keeps what it learnt of it and
    its digest: train another one. For NOPHOTO_ERASED_DAYS a Celery message with one of the keys,
    known or not, is refused: it may have been sent before.

    Exit code: 0 all are erased; 1 a key is unknown, as it is where it was erased before.
    """
    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.jobs.uploads.erase import erase as run
    from nophoto.jobs.versions.promotion import current_user

    settings = load_settings()
    named = _named(keys)
    with open_database(settings) as database, progress("erasing", len(named)) as advance:
        done = run(database, settings, named, by=current_user(), on_progress=advance)
    if as_json:
        print_json({"erased": done.erased, "unknown": done.unknown, "kept": done.kept})
    else:
        say(f"{len(done.erased):,} uploads are erased")
    if done.kept:
        warn(
            f"{len(done.kept):,} of the pictures are references or on the allow-list too, where "
            "they stay. --json names their digests"
        )
    _end_for(done.unknown, as_json)


def audit(
    action: Annotated[str | None, typer.Option(help="Only such entries, such as erase.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many entries.")] = 50,
    as_json: Json = False,
) -> None:
    """Show what was done, when and by whom: erasures, and changes of settings; the last first."""
    import json

    from rich.table import Table

    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.jobs.serialization import to_jsonable
    from nophoto.models.records.access.audit import entries

    with open_database(load_settings()) as database, database.reading() as session:
        rows = entries(session, limit=limit, action=action)
    if as_json:
        print_json([to_jsonable(row) for row in rows])
        return
    table = Table("At (UTC)", "By", "Action", "Subject", "Details")
    for row in rows:
        table.add_row(
            cell(f"{row.at:%Y-%m-%d %H:%M:%S}"),
            cell(row.by),
            cell(row.action),
            cell(row.subject or None),
            cell(json.dumps(row.details)),
        )
    stdout().print(table)


def _named(keys: list[str]) -> list[str]:
    found: list[str] = []
    for key in keys:
        if key == "-":
            found += [line.rstrip("\r\n") for line in sys.stdin if line.rstrip("\r\n")]
        else:
            found.append(key)
    return found


def _end_for(unknown: list[str], as_json: bool) -> None:
    if not unknown:
        return
    if not as_json:
        for key in unknown[:20]:
            say(f"no upload has the key {key}")
        if len(unknown) > 20:
            say(f"… and {len(unknown) - 20:,} more; --json lists them all")
    raise typer.Exit(1)
