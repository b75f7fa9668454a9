from datetime import timedelta

import pytest
from sqlalchemy import update

from nophoto.models.records import clock
from nophoto.models.records.database import Database
from nophoto.models.records.scoring import workers
from nophoto.models.records.scoring.workers import Presence
from nophoto.models.records.tables import Worker
from nophoto.models.records.versions.model_versions import NewModelVersion


def test_a_process_tells_what_it_does_and_leaves(
    database: Database, model: NewModelVersion
) -> None:
    with database.transaction() as session:
        workers.arrive(session, Presence("here", 7, ["interactive", "bulk"]))
        workers.arrive(session, Presence("here", 8, ["training"]))
        workers.heartbeat(session, Presence("here", 7, ["bulk"], "nophoto.sweep", 9.0, model.id))
    with database.reading() as session:
        seven, eight = workers.list_all(session)
    assert (seven.lanes, seven.task, seven.model_version_id) == (
        ["bulk"],
        "nophoto.sweep",
        model.id,
    )
    assert seven.task_since is not None
    assert seven.heard_at - seven.task_since == timedelta(seconds=9)
    assert seven.started_at < seven.heard_at
    assert (eight.task, eight.task_since, eight.is_live) == (None, None, True)
    with database.transaction() as session:
        workers.leave(session, "here", 7)
        assert [row.pid for row in workers.list_all(session)] == [8]


def test_a_silent_process_is_shown_as_dead_and_forgotten_later(database: Database) -> None:
    def be_silent_for(**time: float) -> None:
        with database.transaction() as session:
            heard = clock.now(session) - timedelta(**time)
            session.execute(update(Worker).values(heard_at=heard, started_at=heard))

    with database.transaction() as session:
        workers.arrive(session, Presence("here", 7, ["bulk"]))
    be_silent_for(minutes=2)
    with database.reading() as session:
        (row,) = workers.list_all(session)
    assert not row.is_live
    assert row.silent_seconds == pytest.approx(120, abs=10)
    be_silent_for(hours=2)
    with database.transaction() as session:
        assert workers.list_all(session) == []
        # A process that comes to have the same number is another one.
        workers.arrive(session, Presence("here", 7, ["bulk"]))
        (row,) = workers.list_all(session)
    assert row.is_live
    assert row.heard_at - row.started_at < timedelta(minutes=1)
