"""Results for other programs: JSON lines and CSV, row by row."""

import json
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TextIO

from nophoto.jobs.csv_output import write_csv
from nophoto.jobs.files import OutputError
from nophoto.jobs.serialization import flat, row_columns, to_jsonable
from nophoto.models.errors import NophotoError
from nophoto.models.records.outcomes.results import ResultRow

COLUMNS = tuple(row_columns(ResultRow))

_AGO = re.compile(r"(\d+)\s*([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class TimeError(NophotoError):
    """A point in time that cannot be read."""


def write_json_lines(rows: Iterable[ResultRow], file: TextIO) -> None:
    """One JSON object a line, with the fields of `ResultRow`."""
    for row in rows:
        file.write(json.dumps(to_jsonable(row)) + "\n")


def write_results(rows: Iterable[ResultRow], file: TextIO, *, raw: bool = False) -> None:
    """Results as CSV; `raw` as of `write_csv`."""
    write_csv((flat(to_jsonable(row)) for row in rows), COLUMNS, file, raw=raw)


def write_file(
    rows: Iterable[ResultRow], file: Path, write: Callable[[Iterable[ResultRow], TextIO], None]
) -> None:
    """Write `rows` to a file, which appears whole or not at all.

    Raises:
        OutputError: if it cannot be written.
    """
    partial = file.with_name(f".{file.name}.partial")
    try:
        try:
            with partial.open("w", encoding="utf-8", newline="") as lines:
                write(rows, lines)
            partial.replace(file)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError.of(file, error) from error


def parse_since(text: str, now: datetime | None = None) -> datetime:
    """A point in time: ISO 8601 (UTC where no zone is given), or how long ago, such as `24h`.

    Raises:
        TimeError: if it is neither.
    """
    if ago := _AGO.fullmatch(text.strip().lower()):
        try:
            return (now or datetime.now(UTC)) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        except OverflowError as error:
            raise TimeError(f"{text} ago is before all time; use fewer days") from error
    try:
        time = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise TimeError(
            f"{text!r} is no point in time; write 2026-01-31, 2026-01-31T08:30+01:00, or how long "
            "ago: 30m, 24h, 7d"
        ) from error
    return time if time.tzinfo else time.replace(tzinfo=UTC)
