"""`nophoto report`."""

from pathlib import Path
from typing import Annotated

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
from nophoto.jobs.cli.rendering.output import progress, warn


def report(
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where the report is written.")] = Path(
        "nophoto-report.html"
    ),
    state: State = None,
    verdict: Word = None,
    review: Review = None,
    failure: Failure = None,
    key_prefix: KeyPrefix = None,
    since: Since = None,
    collection: InCollection = None,
    limit: Annotated[
        int, typer.Option(min=1, help="At most so many judged uploads, the most similar first.")
    ] = 500,
) -> None:
    """Write one HTML file that shows uploads beside their nearest reference.

    The most similar are on top, failures at the end. The file holds its pictures in itself, so it
    can be mailed. Uploads are read where NOPHOTO_ROOTS allows it.
    """
    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.jobs.files import write_output
    from nophoto.jobs.uploads.report import write_report
    from nophoto.jobs.uploads.status import EMPTY_SET
    from nophoto.models.records import references
    from nophoto.worker.decoding.pool import decoders_of

    settings = load_settings()
    filters = to_filter(state, verdict, review, failure, key_prefix, since, collection=collection)
    with open_database(settings, collection) as database:
        with progress("reading pictures") as advance:
            page = write_report(
                database, settings, decoders_of(settings), filters, limit, on_progress=advance
            )
        with database.reading() as session:
            is_empty = not references.active(session).members
    write_output(out, page.encode())
    print(out.absolute())
    if is_empty:
        warn(EMPTY_SET)
