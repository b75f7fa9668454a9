"""`nophoto failures` and `nophoto retry`."""

from typing import Annotated, Any

import typer

from nophoto.jobs.cli.parameters.filters import Code, InCollection, KeyPrefix, Since, to_filter
from nophoto.jobs.cli.parameters.options import Json
from nophoto.jobs.cli.rendering.output import cell, print_json, print_results, progress, say, stdout

TABLE_ROWS = 20


def failures(
    code: Code = None,
    key_prefix: KeyPrefix = None,
    since: Since = None,
    collection: InCollection = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many uploads.")] = TABLE_ROWS,
    as_json: Json = False,
) -> None:
    """Show how many uploads failed, of which kind, and the last of them with the reason.

    They are kept until `nophoto retry` queues them again.
    """
    from rich.table import Table

    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.jobs.serialization import to_jsonable
    from nophoto.models.records.outcomes.results import counts, find

    filters = to_filter("failed", None, None, code, key_prefix, since, collection=collection)
    with open_database(load_settings(), collection) as database, database.reading() as session:
        by_code = counts(session).failures
        rows = list(find(session, filters, limit))
    if as_json:
        shown: dict[str, Any] = {"failures": by_code, "uploads": [to_jsonable(r) for r in rows]}
        print_json(shown)
        return
    table = Table("Failure", "Uploads")
    table.columns[1].justify = "right"
    for word in sorted(by_code):
        table.add_row(cell(word, "yellow"), cell(f"{by_code[word]:,}"))
    stdout().print(table)
    print_results(rows)
    if by_code:
        say("`nophoto retry --code CODE` queues those of one kind again")


def retry(
    code: Code = None,
    key_prefix: KeyPrefix = None,
    since: Since = None,
    collection: InCollection = None,
    as_json: Json = False,
) -> None:
    """Queue failed uploads again, as if they had just come.

    Do it once the cause is gone: a picture that is still missing fails again.
    """
    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.jobs.uploads.failures import retry as run
    from nophoto.worker.broker.app import create_app

    settings = load_settings()
    filters = to_filter("failed", None, None, code, key_prefix, since, collection=collection)
    with open_database(settings, collection) as database, progress("queueing again") as advance:
        count = run(database, create_app(settings), filters, settings.chunk_size, advance)
    if as_json:
        print_json({"queued": count})
    else:
        say(f"{count:,} uploads are queued again")
