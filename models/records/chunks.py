"""Cutting long lists so that each part fits into one statement."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")

_SIZE = 5_000  # SQLite takes 32,766 parameters in one statement


def chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """`values` in order, in parts that one statement can name."""
    for start in range(0, len(values), _SIZE):
        yield values[start : start + _SIZE]
