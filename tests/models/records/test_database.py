"""What a database's connections come to that were kept, and whose server has ended them."""

import pytest
from sqlalchemy import text

from nophoto.models.records.database import Database, DatabaseUnreachableError

on_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


@on_postgresql
def test_connections_that_ended_while_they_were_kept_are_replaced(database: Database) -> None:
    # Several, since one that is found to be gone says that the others are.
    with database.transaction() as first, database.reading() as second:
        kept = {session.scalar(text("SELECT pg_backend_pid()")) for session in (first, second)}
    assert len(kept) == 2
    _end(database, kept)
    for opened in (database.reading, database.transaction, database.reading):
        with opened() as session:
            assert session.scalar(text("SELECT pg_backend_pid()")) not in kept


@on_postgresql
def test_a_connection_that_ends_before_its_block_does_is_an_outage(database: Database) -> None:
    with pytest.raises(DatabaseUnreachableError, match="does not answer"), database.reading() as it:
        _end(database, {it.scalar(text("SELECT pg_backend_pid()"))})


def _end(database: Database, connections: set[int]) -> None:
    other = Database(database.engine.url.render_as_string(hide_password=False))
    with other.reading() as session:
        for pid in connections:
            session.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    other.close()
