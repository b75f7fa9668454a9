"""Parquet, for programs that analyse: needs the extra `parquet`."""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from nophoto.jobs.files import OutputError
from nophoto.jobs.serialization import flat, row_columns, row_fields
from nophoto.models.errors import NophotoError
from nophoto.models.extras import install_command
from nophoto.models.records.outcomes.results import ResultRow

_ROWS_IN_A_GROUP = 20_000


class ParquetMissingError(NophotoError):
    """The library that reads and writes Parquet is not installed."""


def pyarrow() -> Any:
    """The library, with its module `parquet`.

    Raises:
        ParquetMissingError: if it is not installed.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise ParquetMissingError(
            f"Parquet needs pyarrow. Run `{install_command('parquet')}`, or choose CSV or JSON "
            "lines"
        ) from error
    return pyarrow


def write_parquet(rows: Iterable[ResultRow], file: Path) -> int:
    """Write results with typed columns, some thousand at a time, and return how many they are.

    The file appears whole or not at all.

    Raises:
        OutputError: if it cannot be written.
        ParquetMissingError: if pyarrow is not installed.
    """
    arrow = pyarrow()
    schema = arrow.schema([(name, kind) for name, kind in _columns(arrow)])
    partial = file.with_name(f".{file.name}.partial")
    count = 0
    try:
        try:
            with arrow.parquet.ParquetWriter(partial, schema) as writer:
                for some in _groups(rows):
                    values = [flat(row_fields(row)) for row in some]
                    columns = {name: [row[name] for row in values] for name in schema.names}
                    writer.write_table(arrow.table(columns, schema))
                    count += len(some)
            partial.replace(file)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError.of(file, error) from error
    return count


def _columns(arrow: Any) -> Iterator[tuple[str, Any]]:
    kinds = {
        "id": arrow.int64(),
        "needs_review": arrow.bool_(),
        "score": arrow.float64(),
        "similarity": arrow.float64(),
        "nearest_reference_id": arrow.int64(),
        "reference_set_version": arrow.int64(),
        "version": arrow.int64(),
        "judged_at": arrow.timestamp("us", tz="UTC"),
        "since": arrow.timestamp("us", tz="UTC"),
    }
    for name in row_columns(ResultRow):
        yield name, kinds.get(name, arrow.string())


def _groups(rows: Iterable[ResultRow]) -> Iterator[list[ResultRow]]:
    rest = iter(rows)
    while some := list(islice(rest, _ROWS_IN_A_GROUP)):
        yield some
