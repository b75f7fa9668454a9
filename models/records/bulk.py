"""Writing many rows in one statement.

PostgreSQL is sent an array for each column, so that the statement and its plan are the same for any
number of rows; a statement for each row takes it three times as long. SQLite, which runs in this
process, repeats one prepared statement, which nothing beats there.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import (
    BindParameter,
    Executable,
    FromClause,
    Row,
    Table,
    bindparam,
    func,
    inspect,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from nophoto.models.records.dialects import is_postgresql
from nophoto.models.records.tables.base import Base

_PREFIX = "new_"
"""Of parameters; SQLAlchemy keeps a column's own name for itself in an UPDATE."""

_Names = tuple[str, ...]


def insert_rows(
    session: Session,
    table: type[Base],
    rows: Sequence[Mapping[str, object]],
    shared: Mapping[str, object] | None = None,
    returning: _Names = (),
) -> Sequence[Row[Any]]:
    """Insert `rows`; one whose key is there already is left as it is there.

    Args:
        session: in a transaction.
        table: where to.
        rows: by column; all have the same ones.
        shared: values that every row has, by column.
        returning: columns.

    Returns:
        The columns `returning` of those rows that were inserted, in any order.
    """
    if not rows:
        return []
    make = _array_insert if is_postgresql(session) else _row_insert
    statement = make(_table(table), tuple(rows[0]), tuple(shared or ()), returning)
    result = session.connection().execute(statement, _parameters(session, rows, shared or {}))
    return result.all() if returning else []


def update_rows(
    session: Session,
    table: type[Base],
    rows: Sequence[Mapping[str, object]],
    shared: Mapping[str, object] | None = None,
) -> None:
    """Set the columns of those rows of `table` whose `id` is that of one of `rows`.

    Lock them first, in the order of their ids: PostgreSQL comes upon them in any order.

    Args:
        session: in a transaction; objects that it holds are not changed.
        table: which one.
        rows: by column, `id` included; all have the same ones.
        shared: values that every row gets, by column.
    """
    if not rows:
        return
    make = _array_update if is_postgresql(session) else _row_update
    statement = make(_table(table), tuple(rows[0]), tuple(shared or ()))
    session.connection().execute(statement, _parameters(session, rows, shared or {}))


def _parameters(
    session: Session, rows: Sequence[Mapping[str, object]], shared: Mapping[str, object]
) -> dict[str, object] | list[dict[str, object]]:
    constants = {_PREFIX + name: value for name, value in shared.items()}
    if is_postgresql(session):
        return {_PREFIX + name: [row[name] for row in rows] for name in rows[0]} | constants
    return [{_PREFIX + name: value for name, value in row.items()} | constants for row in rows]


def _table(table: type[Base]) -> Table:
    return cast(Table, inspect(table).local_table)


@lru_cache
def _array_insert(table: Table, names: _Names, shared: _Names, returning: _Names) -> Executable:
    new = _arrays(table, names)
    rows = select(*(new.c[name] for name in names), *(_parameter(table, name) for name in shared))
    statement = postgresql.insert(table).from_select(
        [*names, *shared], rows, include_defaults=False
    )
    return statement.on_conflict_do_nothing().returning(*(table.c[name] for name in returning))


@lru_cache
def _row_insert(table: Table, names: _Names, shared: _Names, returning: _Names) -> Executable:
    values = {name: _parameter(table, name) for name in names + shared}
    statement = sqlite.insert(table).values(values).on_conflict_do_nothing()
    return statement.returning(*(table.c[name] for name in returning))


@lru_cache
def _array_update(table: Table, names: _Names, shared: _Names) -> Executable:
    new = _arrays(table, names)
    values = {name: new.c[name] for name in names if name != "id"}
    return (
        update(table)
        .where(table.c.id == new.c.id)
        .values(values | {name: _parameter(table, name) for name in shared})
    )


@lru_cache
def _row_update(table: Table, names: _Names, shared: _Names) -> Executable:
    values = {name: _parameter(table, name) for name in names + shared if name != "id"}
    return update(table).where(table.c.id == _parameter(table, "id")).values(values)


def _arrays(table: Table, names: _Names) -> FromClause:
    """The rows as PostgreSQL makes them of one array for each column."""
    # Not by the columns' names: a column may be called otherwise in the code.
    arrays = (bindparam(_PREFIX + name, type_=ARRAY(table.c[name].type)) for name in names)
    return func.unnest(*arrays).table_valued(*names, name="new").render_derived()


def _parameter(table: Table, name: str) -> BindParameter[Any]:
    return bindparam(_PREFIX + name, type_=table.c[name].type)
