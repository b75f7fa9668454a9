from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from nophoto.models.records import clock
from nophoto.models.records.bulk import insert_rows, update_rows
from nophoto.models.records.database import Database
from nophoto.models.records.tables import Lane, Upload, UploadState
from nophoto.models.vocabulary import FailureCode

ROWS = st.dictionaries(
    st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1, max_size=8),
    st.tuples(
        st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1),
        st.sampled_from(Lane),
        st.integers(0, 9),
        st.none() | st.just("0" * 64),
    ),
    max_size=20,
)
NAMES = ("uri", "lane", "attempts", "digest")


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.transaction() as session:
        yield session


def insert(session: Session, rows: dict[str, tuple[object, ...]]) -> dict[str, int]:
    now = clock.now(session)
    values = [{"key": key, **dict(zip(NAMES, row, strict=True))} for key, row in rows.items()]
    shared = {"created_at": now, "updated_at": now, "judged_at": None}
    return {row.key: row.id for row in insert_rows(session, Upload, values, shared, ("key", "id"))}


def stored(session: Session) -> dict[str, tuple[object, ...]]:
    rows = session.execute(
        select(Upload.key, Upload.uri, Upload.lane, Upload.attempts, Upload.digest)
    )
    return {row[0]: tuple(row[1:]) for row in rows}


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=ROWS, second=ROWS)
def test_new_rows_come_in_as_they_are_and_known_ones_stay(
    session: Session, first: dict[str, tuple[object, ...]], second: dict[str, tuple[object, ...]]
) -> None:
    session.execute(Upload.__table__.delete())
    assert insert(session, first).keys() == first.keys()
    assert insert(session, second).keys() == second.keys() - first.keys()
    assert stored(session) == second | first


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, data=st.data())
def test_only_the_named_rows_change_and_only_the_named_columns(
    session: Session, rows: dict[str, tuple[object, ...]], data: st.DataObject
) -> None:
    session.execute(Upload.__table__.delete())
    ids = insert(session, rows)
    changed = (
        data.draw(st.dictionaries(st.sampled_from(sorted(rows)), st.integers(10, 99)))
        if rows
        else {}
    )
    before = stored(session)
    update_rows(
        session,
        Upload,
        [{"id": ids[key], "attempts": number} for key, number in changed.items()],
        {"digest": "1" * 64},
    )
    after = stored(session)
    for key, (uri, lane, _, _) in before.items():
        expected = (uri, lane, changed[key], "1" * 64) if key in changed else before[key]
        assert after[key] == expected


def test_what_the_table_forbids_is_refused(session: Session) -> None:
    ids = insert(session, {"a": ("/a", Lane.BULK, 0, None)})
    row = {"id": ids["a"], "failure": FailureCode.MISSING, "failure_message": "gone"}
    with pytest.raises(IntegrityError):
        update_rows(session, Upload, [row], {"state": UploadState.QUEUED})
    session.rollback()


def test_nothing_is_nothing(session: Session) -> None:
    update_rows(session, Upload, [])
    assert list(insert_rows(session, Upload, [], {}, ("id",))) == []
