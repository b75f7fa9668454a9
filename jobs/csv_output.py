"""CSV for people and for programs: the only place that writes it."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from typing import TextIO

_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet take a cell for a formula; the wide ones in Japanese settings."""


def write_csv(
    rows: Iterable[Mapping[str, object]],
    columns: Sequence[str],
    file: TextIO,
    *,
    raw: bool = False,
) -> int:
    """Write a header and a line for each row; what is unknown is empty.

    Keys and paths come from those who upload, and a spreadsheet runs a cell that begins with `=`.
    So text that would be a formula gets an apostrophe before it, as OWASP advises. Numbers stay
    numbers, a negative one too.

    Args:
        rows: each with all of `columns`.
        columns: in their order.
        file: opened without translation of line ends.
        raw: whether text is written as it is, for programs.

    Returns:
        How many rows there were.
    """
    # All text in quotes: a line end or a semicolon in it could else begin a cell of its own.
    writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(columns)
    count = 0
    for row in rows:
        cells = [row[column] for column in columns]
        writer.writerow(cells if raw else map(_as_text, cells))
        count += 1
    return count


def _as_text(value: object) -> object:
    is_formula = isinstance(value, str) and value.startswith(_BEGINS_A_FORMULA)
    return f"'{value}" if is_formula else value
