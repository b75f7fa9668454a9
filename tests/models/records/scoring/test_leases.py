"""Leases that are renewed, that pass, and that a clock set back has made endless."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from nophoto.models.records import clock
from nophoto.models.records.database import Database
from nophoto.models.records.scoring.claims import Claim, renew
from nophoto.models.records.scoring.sweep import due, give_up
from nophoto.models.records.tables import Lane, Upload, UploadState
from nophoto.models.vocabulary import FailureCode

Enqueue = Callable[..., list[int]]
ClaimNow = Callable[..., Claim]

LEASE = 60


def shift(database: Database, seconds: float) -> None:
    """Let every lease end, and every message be sent, so much later."""
    with database.transaction() as session:
        for upload in session.scalars(select(Upload)):
            if upload.lease_until is not None:
                upload.lease_until += timedelta(seconds=seconds)
            if upload.published_at is not None:
                upload.published_at += timedelta(seconds=seconds)


def sweep(database: Database, lanes: tuple[Lane, ...] = tuple(Lane)) -> list[int]:
    with database.transaction() as session:
        return [upload.id for upload in due(session, 100, LEASE, lanes)]


def test_a_renewed_lease_keeps_others_away_and_is_not_given_back_once_lost(
    database: Database, enqueue: Enqueue, claim: ClaimNow
) -> None:
    ids = enqueue("a", "b")
    held = claim(ids)
    shift(database, -LEASE - 1)
    with database.transaction() as session:
        assert renew(session, held.token, LEASE) == 2
    assert claim(ids).uploads == []
    shift(database, -LEASE - 1)
    later = claim(ids)
    assert len(later.uploads) == 2
    with database.transaction() as session:
        assert renew(session, held.token, LEASE) == 0
        assert set(session.scalars(select(Upload.lease_token))) == {later.token}


def test_a_lease_from_before_the_clock_was_set_back_holds_nothing_up(
    database: Database, enqueue: Enqueue, claim: ClaimNow
) -> None:
    ids = enqueue("a", "b")
    claim(ids[:1])
    assert sweep(database) == ids[1:]
    shift(database, 3600)
    assert sweep(database) == ids
    assert sweep(database) == []
    assert [upload.id for upload in claim(ids).uploads] == ids


def test_what_ended_every_worker_is_given_up_whatever_the_clock_did(
    database: Database, enqueue: Enqueue, claim: ClaimNow
) -> None:
    (upload_id,) = enqueue("a")
    claim([upload_id])
    with database.transaction() as session:
        assert give_up(session, 1, LEASE) == 0
    shift(database, 3600)
    with database.transaction() as session:
        assert give_up(session, 1, LEASE) == 1
    with database.reading() as session:
        row = session.get_one(Upload, upload_id)
        assert (row.state, row.failure) == (UploadState.FAILED, FailureCode.CRASHED)
        assert "nophoto retry" in (row.failure_message or "")


def test_uploads_of_a_busy_lane_are_not_sent_again_but_those_of_a_lost_worker_are(
    database: Database, enqueue: Enqueue, claim: ClaimNow
) -> None:
    waiting, lost = enqueue("a"), enqueue("b")
    claim(lost)
    shift(database, -LEASE - 1)
    assert sweep(database, lanes=(Lane.INTERACTIVE,)) == lost
    assert sweep(database) == waiting


@pytest.mark.parametrize("offset", [timedelta(hours=-1), timedelta(hours=1)])
def test_a_message_is_sent_again_however_the_clock_was_set(
    database: Database, enqueue: Enqueue, offset: timedelta
) -> None:
    ids = enqueue("a")
    with database.transaction() as session:
        session.execute(update(Upload).values(published_at=clock.now(session) + offset))
    assert sweep(database) == ids
