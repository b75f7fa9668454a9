from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import update

from nophoto.models.records import clock
from nophoto.models.records.database import Database
from nophoto.models.records.scoring.activity import activity
from nophoto.models.records.scoring.outcomes import Failed, record_outcomes
from nophoto.models.records.tables import Upload
from nophoto.models.records.versions.model_versions import NewModelVersion
from nophoto.models.vocabulary import FailureCode


def test_chunks_in_hand_and_outcomes_are_counted_by_time(
    database: Database, enqueue: Callable, claim: Callable, model: NewModelVersion
) -> None:
    with database.reading() as session:
        idle = activity(session)
    assert (idle.chunks, idle.held, idle.last_outcome) == (0, 0, None)
    ids = enqueue(*"abcdef")
    claim(ids[:2])
    claim(ids[2:3])
    token = claim(ids[3:]).token
    failed = [Failed(each, None, FailureCode.MISSING, "gone") for each in ids[3:]]
    with database.transaction() as session:
        record_outcomes(session, token, [], failed, model.id, 0)
        two_hours_ago = clock.now(session) - timedelta(hours=2)
        session.execute(update(Upload).where(Upload.id == ids[-1]).values(judged_at=two_hours_ago))
    with database.reading() as session:
        busy = activity(session)
    assert (busy.chunks, busy.held) == (2, 3)
    assert busy.outcomes == {"minute": 2, "hour": 2, "day": 3}
    assert busy.last_outcome is not None
