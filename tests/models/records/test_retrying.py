from collections.abc import Callable

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from nophoto.models.records.database import Database, DatabaseUnreachableError
from nophoto.models.records.retrying import write
from nophoto.models.records.tables import Run, RunKind


def insert(session: Session) -> None:
    session.execute(
        text("INSERT INTO runs (kind, parameters, created_at) VALUES (:kind, '{}', '2026-01-01')"),
        {"kind": RunKind.RESCORE},
    )


def count(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Run)) or 0


def failing(times: int, fail: Callable[[Session], object]) -> Callable[[Session], str]:
    left = iter(range(times))

    def work(session: Session) -> str:
        insert(session)
        if next(left, None) is not None:
            fail(session)
        return "written"

    return work


on_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


@on_postgresql
@pytest.mark.parametrize("code", ["40001", "40P01", "53100", "55P03"])
def test_writes_again_after_what_passes_by_itself(database: Database, code: str) -> None:
    def fail(session: Session) -> None:
        session.execute(text(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{code}'; END $$"))

    assert write(database, failing(2, fail), 10) == "written"
    assert count(database) == 1


@on_postgresql
def test_writes_again_on_a_new_connection(database: Database) -> None:
    def fail(session: Session) -> None:
        with database.reading() as other:
            other.execute(
                text("SELECT pg_terminate_backend(:pid)"),
                {"pid": session.scalar(text("SELECT pg_backend_pid()"))},
            )
        session.execute(text("SELECT 1"))

    assert write(database, failing(1, fail), 10) == "written"
    assert count(database) == 1


def test_writes_again_where_a_file_is_locked_or_its_disk_full(database: Database) -> None:
    def fail(_: Session) -> None:
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    assert write(database, failing(2, fail), 10) == "written"
    assert count(database) == 1


def test_gives_up_after_its_patience_and_at_once_on_a_defect(database: Database) -> None:
    def stays_away(_: Session) -> None:
        raise DatabaseUnreachableError("away")

    with pytest.raises(DatabaseUnreachableError):
        write(database, failing(100, stays_away), 0.5)

    def is_wrong(session: Session) -> None:
        session.execute(text("UPDATE runs SET kind = NULL"))

    with pytest.raises(IntegrityError):
        write(database, failing(1, is_wrong), 60)
    assert count(database) == 0
