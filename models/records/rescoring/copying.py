"""NumPy's columns from and to PostgreSQL: thousands of rows at a time, none a Python object."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from psycopg import Connection
from sqlalchemy import Select
from sqlalchemy.orm import Session

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_NULL = -1


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a query, whose values are all of one size.

    Attributes:
        name: by which the query calls it.
        sent_by: PostgreSQL's function that turns a value into bytes.
        kind: NumPy's type of these.
        shape: of a value.
    """

    name: str
    sent_by: str
    kind: str
    shape: tuple[int, ...] = ()


class RowSizeError(ValueError):
    """A row is not of the size that its fields take."""


def read(
    session: Session, query: Select[*tuple[Any, ...]], columns: Sequence[Column]
) -> Mapping[str, NDArray[Any]]:
    """What `query` selects, an array for each of its columns.

    PostgreSQL strings the values of a column together: to take thousands of rows one by one costs
    Python as much as the database has with finding them.

    Args:
        session: of PostgreSQL.
        query: its columns are never NULL, and as wide as `columns` say.
        columns: of the query.

    Raises:
        RowSizeError: if a value has another size.
    """
    text, parameters = _as_text(session, query)
    strings = ", ".join(
        f"string_agg({column.sent_by}({column.name}), ''::bytea)" for column in columns
    )
    statement = f"SELECT count(*), {strings} FROM ({text}) AS found"  # noqa: S608 -- written here, and by SQLAlchemy
    with _driver(session).cursor(binary=True) as cursor:
        cursor.execute(statement, parameters)
        row = cursor.fetchone()
    count, *values = row or (0,)
    found = {}
    for column, value in zip(columns, values, strict=True):
        size = np.dtype((column.kind, column.shape)).itemsize
        data = value or b""
        if len(data) != count * size:
            raise RowSizeError(
                f"{len(data)} bytes of {column.name} are not {count} values of {size}"
            )
        found[column.name] = np.frombuffer(data, column.kind).reshape(count, *column.shape)
    return found


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
    parts: list[Any] = [("fields", ">i2")]
    for (name, values, _), is_null in zip(columns, pattern, strict=True):
        parts.append((f"size of {name}", ">i4"))
        if not is_null:
            parts.append((name, values.dtype, values.shape[1:]))
    rows = np.empty(len(chosen), parts)
    rows["fields"] = len(columns)
    for (name, values, _), is_null in zip(columns, pattern, strict=True):
        if is_null:
            rows[f"size of {name}"] = _NULL
        else:
            rows[f"size of {name}"] = values[0].nbytes
            rows[name] = values[chosen]
    return rows


def _driver(session: Session) -> Connection[Any]:
    return cast("Connection[Any]", session.connection().connection.driver_connection)


def _as_text(session: Session, query: Select[*tuple[Any, ...]]) -> tuple[str, dict[str, Any]]:
    compiled = query.compile(
        dialect=session.get_bind().dialect, compile_kwargs={"render_postcompile": True}
    )
    return str(compiled), dict(compiled.params)
