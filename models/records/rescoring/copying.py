"""PostgreSQL's binary COPY and NumPy: a thousand rows at a time, none of them a Python object."""

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from psycopg import Connection
from sqlalchemy import Select
from sqlalchemy.orm import Session

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_NULL = -1

Field = tuple[str, str, tuple[int, ...]]
"""Name, NumPy type in network order, and shape of a value whose size is always the same."""


class RowSizeError(ValueError):
    """A row is not of the size that its fields take."""


def read(
    session: Session, query: Select[*tuple[Any, ...]], fields: Sequence[Field]
) -> NDArray[Any]:
    """What `query` selects, as one structured array with a field for each of its columns.

    Args:
        session: of PostgreSQL.
        query: its columns are never NULL, and as wide as `fields` say.
        fields: of the columns, in their order.

    Raises:
        RowSizeError: if a value has another size.
    """
    text, parameters = _as_text(session, query)
    statement = f"COPY ({text}) TO STDOUT (FORMAT BINARY)"
    with _driver(session).cursor() as cursor, cursor.copy(statement, parameters) as copy:
        data = b"".join(copy)
    body = memoryview(data)[len(_HEADER) : -len(_TRAILER)]
    row = _row_type(fields, [True] * len(fields))
    if len(body) % row.itemsize:
        raise RowSizeError(f"{len(body)} bytes are no whole number of rows of {row.itemsize}")
    rows = np.frombuffer(body, row)
    for name, kind, shape in fields:
        if (rows[f"size of {name}"] != np.dtype((kind, shape)).itemsize).any():
            raise RowSizeError(f"a value of {name} has another size than the others")
    return rows


def write(
    session: Session,
    table: str,
    columns: Sequence[tuple[str, NDArray[Any], NDArray[np.bool_] | None]],
) -> None:
    """Insert rows into a table of PostgreSQL.

    Args:
        session: in a transaction.
        table: its name, which is trusted.
        columns: name, values in network order, and where they are NULL.
    """
    count = len(columns[0][1])
    nulls = np.zeros((count, len(columns)), np.bool_)
    for place, (*_, is_null) in enumerate(columns):
        if is_null is not None:
            nulls[:, place] = is_null
    names = ", ".join(name for name, *_ in columns)
    with (
        _driver(session).cursor() as cursor,
        cursor.copy(f"COPY {table} ({names}) FROM STDIN (FORMAT BINARY)") as copy,
    ):
        copy.write(_HEADER)
        # A row's size depends on which of its values are NULL; the order of rows does not matter.
        for pattern in np.unique(nulls, axis=0):
            chosen = np.flatnonzero((nulls == pattern).all(axis=1))
            copy.write(_rows(columns, chosen, pattern).tobytes())
        copy.write(_TRAILER)


def _rows(
    columns: Sequence[tuple[str, NDArray[Any], NDArray[np.bool_] | None]],
    chosen: NDArray[np.intp],
    pattern: NDArray[np.bool_],
) -> NDArray[Any]:
    fields = [(name, values.dtype.str, values.shape[1:]) for name, values, _ in columns]
    rows = np.empty(len(chosen), _row_type(fields, [not is_null for is_null in pattern]))
    rows["fields"] = len(columns)
    for (name, values, _), is_null in zip(columns, pattern, strict=True):
        if is_null:
            rows[f"size of {name}"] = _NULL
        else:
            rows[f"size of {name}"] = values[0].nbytes
            rows[name] = values[chosen]
    return rows


def _row_type(fields: Sequence[Field], present: Sequence[bool]) -> np.dtype[Any]:
    parts: list[Any] = [("fields", ">i2")]
    for (name, kind, shape), is_there in zip(fields, present, strict=True):
        parts.append((f"size of {name}", ">i4"))
        if is_there:
            parts.append((name, kind, shape))
    return np.dtype(parts)


def _driver(session: Session) -> Connection[Any]:
    return cast("Connection[Any]", session.connection().connection.driver_connection)


def _as_text(session: Session, query: Select[*tuple[Any, ...]]) -> tuple[str, dict[str, Any]]:
    compiled = query.compile(
        dialect=session.get_bind().dialect, compile_kwargs={"render_postcompile": True}
    )
    return str(compiled), dict(compiled.params)
