import logging
from collections.abc import Callable
from time import sleep

import pytest
from sqlalchemy import select

from nophoto.models.records.database import Database
from nophoto.models.records.scoring import claims
from nophoto.models.records.tables import Upload
from nophoto.worker.concurrency.lease_renewal import keep_renewing

Enqueue = Callable[..., list[int]]


def claim(database: Database, ids: list[int], seconds: float) -> claims.Claim:
    with database.transaction() as session:
        return claims.claim(session, ids, seconds)


def test_work_may_outlast_its_lease_as_long_as_its_process_lives(
    database: Database, upload: Enqueue
) -> None:
    ids = upload(a=None)
    held = claim(database, ids, 0.6)
    with keep_renewing(database, held.token, 0.6):
        sleep(1.5)
        assert claim(database, ids, 0.6).uploads == []
    sleep(1.3)
    assert len(claim(database, ids, 0.6).uploads) == 1
    with database.reading() as session:
        assert session.scalar(select(Upload.attempts)) == 2


def test_a_database_that_is_away_ends_no_heartbeat(
    database: Database, upload: Enqueue, caplog: pytest.LogCaptureFixture
) -> None:
    held = claim(database, upload(a=None), 60)
    nowhere = Database("postgresql://user:secret@127.0.0.1:1/x")
    with caplog.at_level(logging.DEBUG), keep_renewing(nowhere, held.token, 0.3):
        sleep(0.8)
    assert len([line for line in caplog.messages if "was not renewed" in line]) >= 2
    assert "secret" not in caplog.text
