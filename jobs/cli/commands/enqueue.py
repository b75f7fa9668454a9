"""`nophoto enqueue`."""

import sys
from collections.abc import Iterator
from io import TextIOWrapper
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from nophoto.jobs.cli.rendering.output import print_json, progress, say, stderr, warn

if TYPE_CHECKING:
    from nophoto.jobs.uploads.enqueue import Enqueued
    from nophoto.models.records.lifecycle.uploads import NewUpload
    from nophoto.worker.settings import Settings

REFUSALS_SHOWN = 20

STORED_BUT_NOT_TOLD = 3
"""The exit code where the uploads are safe and no worker could be told."""

BACKLOG_FULL = 4
"""The exit code where the rest was not taken because too much waits."""


def enqueue(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATH|DIR|URI|-",
            help="Pictures, folders, URIs such as s3://bucket/key, or - for a line each on stdin.",
            show_default=False,
        ),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Take uploads from a .csv, .jsonl or .parquet file with the columns key and uri; "
            "version and collection are optional.",
        ),
    ] = None,
    sql: Annotated[
        str | None,
        typer.Option(
            metavar="QUERY",
            help="Take uploads from a table: a query with the columns key and uri, which is asked "
            "of NOPHOTO_SOURCE_URL and cannot write. Columns version and "
            "collection are optional.",
        ),
    ] = None,
    lane: Annotated[
        Literal["interactive", "bulk"],
        typer.Option(help="Which queue; a backlog of bulk never delays interactive uploads."),
    ] = "bulk",
    collection: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="By whose settings they are judged, where a file or query names no other. "
            "Default: the one that a known key has, else `default`.",
        ),
    ] = None,
    recursive: Annotated[
        bool, typer.Option(help="Whether a folder's folders are searched too.")
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> None:
    """Queue pictures for the workers.

    The key of an upload is its absolute path or URI; a line on stdin may give another one before
    a tab, `KEY<TAB>URI`. A key that is known with the same picture is left as it is, so enqueueing
    twice does no harm; with another URI, or a higher `version` in a file or query, it is judged
    again, and an older version is refused.

    A folder gives the files whose names end as pictures do (.jpg, .png, .webp, .heic …) and the
    others are counted; links to folders are not followed. A file that is named is taken whatever
    it is called. Paths on stdin are not looked at: they may be a worker's, not this machine's.

    Exit code: 0 all are queued; 1 some were refused; 3 all are stored, but the broker does not
    answer, so they wait for the next sweep of a worker; 4 more than NOPHOTO_MAX_BACKLOG wait in the
    lane, and the rest was not taken: send it again later.
    """
    from dataclasses import replace

    from nophoto.jobs.configuration import load_settings
    from nophoto.jobs.database import open_database
    from nophoto.jobs.files import find_pictures, outside_roots
    from nophoto.jobs.uploads.enqueue import enqueue as run
    from nophoto.jobs.uploads.sources import from_file, from_query
    from nophoto.models.records import collections
    from nophoto.models.records.lifecycle.uploads import NewUpload
    from nophoto.models.records.tables import Lane
    from nophoto.worker.telemetry.tracing import start_tracing

    names = names or []
    if not names and file is None and sql is None:
        raise typer.BadParameter("name a PATH, DIR or URI, - for stdin, a --file or an --sql query")
    settings = load_settings()
    start_tracing(settings, "enqueue")
    with open_database(settings) as database:
        found = find_pictures(
            (n for n in names if n != "-"), recursive=recursive, roots=settings.roots
        )
        outside = sum(outside_roots(uri, settings.roots) for uri in found.uris)
        _warn_of_roots(settings, outside)
        uploads: Iterator[NewUpload] = (NewUpload(uri, uri) for uri in found.uris)
        if "-" in names:
            uploads = chain(uploads, _from_stdin())
        if file is not None:
            uploads = chain(uploads, from_file(file))
        if sql is not None:
            source = settings.source_url.get_secret_value() or settings.effective_database_url
            uploads = chain(uploads, from_query(source, sql))

        if collection is not None:
            with database.reading() as session:
                collections.get(session, collection)
            uploads = (
                upload if upload.collection else replace(upload, collection=collection)
                for upload in uploads
            )

        from nophoto.worker.broker.app import create_app

        is_counted = "-" not in names and file is None and sql is None
        total = len(found.uris) if is_counted else None
        with progress("enqueueing", total) as advance:
            result = run(
                database,
                create_app(settings),
                uploads,
                Lane(lane),
                chunk_size=settings.chunk_size,
                max_backlog=settings.max_backlog,
                on_progress=advance,
            )
    refusals = [*found.problems.items(), *((item.key, item.reason) for item in result.refused)]
    if as_json:
        print_json(
            {
                "new": result.new,
                "known": result.known,
                "replaced": result.replaced,
                "refused": [{"key": key, "reason": reason} for key, reason in refusals],
                "passed_over": found.passed_over,
                "broker_error": result.broker_error,
                "backlog_error": result.backlog_error,
            }
        )
    else:
        _print(result, refusals, found.passed_over)
    if result.broker_error:
        warn(
            f"{result.broker_error}. The {result.new:,} new uploads are stored and not lost: "
            "the sweep of the next worker that starts takes them"
        )
    if result.backlog_error:
        warn(result.backlog_error)
        raise typer.Exit(BACKLOG_FULL)
    if refusals:
        raise typer.Exit(1)
    if result.broker_error:
        raise typer.Exit(STORED_BUT_NOT_TOLD)


def _from_stdin() -> "Iterator[NewUpload]":
    from nophoto.jobs.files import absolute, is_uri
    from nophoto.models.records.lifecycle.uploads import NewUpload

    if isinstance(sys.stdin, TextIOWrapper):
        # Names that are not UTF-8 are refused one by one, not all of stdin with them.
        sys.stdin.reconfigure(errors="surrogateescape")
    for line in sys.stdin:
        text = line.rstrip("\r\n")
        if not text:
            continue
        key, tab, uri = text.partition("\t")
        if not tab:
            key = uri = text if is_uri(text) else str(absolute(text))
        yield NewUpload(key, uri)


def _warn_of_roots(settings: "Settings", outside: int) -> None:
    if not settings.roots:
        warn(
            "NOPHOTO_ROOTS is empty here. A worker with the same settings may read nothing, and "
            "every upload ends as `forbidden`. Set it to the folders that hold uploads"
        )
    elif outside:
        warn(
            f"{outside:,} of these lie outside NOPHOTO_ROOTS ({', '.join(settings.roots)}); a "
            "worker with the same settings ends them as `forbidden`"
        )


def _print(result: "Enqueued", refusals: list[tuple[str, str]], passed_over: int) -> None:
    counts = [f"{result.new:,} new", f"{result.known:,} known"]
    if result.replaced:
        counts.append(f"{result.replaced:,} replaced")
    print(", ".join([*counts, f"{len(refusals):,} refused"]))
    if passed_over:
        say(
            f"{passed_over:,} files in the folders were passed over: their names are no picture's. "
            "Name a file itself to enqueue it all the same"
        )
    for key, reason in refusals[:REFUSALS_SHOWN]:
        say(f"refused {key}: {reason}")
    if len(refusals) > REFUSALS_SHOWN:
        stderr().print(f"… and {len(refusals) - REFUSALS_SHOWN:,} more; --json lists them all")
