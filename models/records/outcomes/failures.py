"""Failed uploads, which stay where they are until somebody has them tried again."""

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from nophoto.models.records import clock
from nophoto.models.records.outcomes.results import ResultFilter, conditions
from nophoto.models.records.tables import Lane, Upload, UploadState
from nophoto.models.vocabulary import FailureCode


@dataclass(frozen=True, slots=True)
class Requeued:
    """An upload that waits again; `failure` is why it had failed."""

    id: int
    lane: Lane
    failure: FailureCode


def requeue(
    session: Session, filters: ResultFilter, limit: int, lane: Lane | None = None
) -> list[Requeued]:
    """Queue failed uploads that meet `filters` as if they had just come, the oldest first.

    They stay in the lane that they came by, unless one is given.
    Publish them only once the transaction has committed.
    """
    query = (
        select(Upload.id, Upload.lane, Upload.failure)
        .where(Upload.failure.is_not(None), *conditions(filters))
        .order_by(Upload.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    found = [
        Requeued(upload_id, lane or own_lane, failure)
        for upload_id, own_lane, failure in session.execute(query)
        if failure is not None
    ]
    session.execute(
        update(Upload)
        .where(Upload.id.in_([upload.id for upload in found]))
        .values(
            state=UploadState.QUEUED,
            lane=lane or Upload.lane,
            attempts=0,
            failure=None,
            failure_message=None,
            published_at=None,
            updated_at=clock.now(session),
        )
        .execution_options(synchronize_session=False)
    )
    return found
