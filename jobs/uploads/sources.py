"""Uploads from a file of another program, or from a table of the platform's own database."""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError

from nophoto.models.errors import NophotoError
from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle.uploads import NewUpload

_FETCHED_AT_ONCE = 1_000


class SourceError(NophotoError):
    """A file or a query that uploads cannot be taken from."""


def from_file(file: Path) -> Iterator[NewUpload]:
    """The uploads of a .csv, .jsonl or .parquet file with the column `uri`.

    The columns `key`, `version` and `collection` may be there too.

    An upload without a key is called by its URI. The file is read as the uploads are consumed.

    Raises:
        SourceError: naming the place, if the file cannot be read or lacks what it needs.
    """
    readers: dict[str, Callable[[Path], Iterator[Mapping[str, Any]]]] = {
        ".csv": _csv,
        ".jsonl": _json_lines,
        ".ndjson": _json_lines,
        ".parquet": _parquet,
    }
    read = readers.get(file.suffix.lower())
    if read is None:
        raise SourceError(f"{file} is none of {', '.join(readers)}; convert it, or use stdin")
    try:
        yield from _uploads(read(file), f"row {{}} of {file}")
    except OSError as error:
        raise SourceError(f"{file} cannot be read ({error.strerror}); name another file") from error


def from_query(url: str, query: str) -> Iterator[NewUpload]:
    """The uploads that a query gives, with the column `uri`.

    The columns `key`, `version` and `collection` may be there too.

    The query runs in a transaction that cannot write, and its rows are fetched as they are
    consumed.

    Args:
        url: of a PostgreSQL or SQLite database.
        query: SQL.

    Raises:
        DatabaseUnreachableError: if the database does not answer.
        SourceError: if the query fails, or lacks a column.
        UnsupportedDatabaseError: if it is neither PostgreSQL nor a SQLite file.
    """
    database = Database(url)
    try:
        with database.reading() as session:
            connection = session.connection().execution_options(yield_per=_FETCHED_AT_ONCE)
            try:
                rows = connection.exec_driver_sql(query)
            except DBAPIError as error:
                reason = " ".join(str(error.orig).split())
                raise SourceError(f"the query cannot be run ({reason}); correct it") from error
            if not rows.returns_rows:
                raise SourceError("the query gives no rows; write SELECT key, uri FROM …")
            yield from _uploads(map(dict, rows.mappings()), "row {} of the query")
    finally:
        database.close()


def _uploads(rows: Iterable[Mapping[str, Any]], place: str) -> Iterator[NewUpload]:
    for number, row in enumerate(rows, start=1):
        uri, key = row.get("uri"), row.get("key")
        if uri is None:
            raise SourceError(
                f"{place.format(number)} has no `uri`; name the columns `key` and `uri`"
            )
        yield NewUpload(
            str(uri if key in (None, "") else key),
            str(uri),
            _version(row, place.format(number)),
            collection=str(row["collection"]) if row.get("collection") else None,
        )


def _version(row: Mapping[str, Any], place: str) -> int | None:
    value = row.get("version")
    if value is None or value == "":
        return None
    try:
        return int(value)
    except (TypeError, ValueError) as error:
        raise SourceError(
            f"{place} has the version {value!r:.100}; write a whole number, or leave it empty"
        ) from error


def _csv(file: Path) -> Iterator[Mapping[str, Any]]:
    with file.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as lines:
        try:
            yield from csv.DictReader(lines)
        except csv.Error as error:
            raise SourceError(f"{file} is no CSV ({error}); write a header `key,uri`") from error


def _json_lines(file: Path) -> Iterator[Mapping[str, Any]]:
    with file.open(encoding="utf-8", errors="surrogateescape") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                raise SourceError(f"line {number} of {file} is no JSON ({error.msg})") from error
            if not isinstance(row, dict):
                raise SourceError(f'line {number} of {file} is no object {{"key": …, "uri": …}}')
            yield row


def _parquet(file: Path) -> Iterator[Mapping[str, Any]]:
    from nophoto.jobs.uploads.parquet import pyarrow

    arrow = pyarrow()
    try:
        with arrow.parquet.ParquetFile(file) as table:
            names = [
                name
                for name in ("key", "uri", "version", "collection")
                if name in table.schema_arrow.names
            ]
            for batch in table.iter_batches(_FETCHED_AT_ONCE, columns=names):
                yield from batch.to_pylist()
    except arrow.ArrowException as error:
        raise SourceError(f"{file} is no Parquet file ({error}); write it again") from error
