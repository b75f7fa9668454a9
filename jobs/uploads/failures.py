"""Having failed uploads tried again."""

from collections.abc import Callable

from celery import Celery

from nophoto.models.records.database import Database
from nophoto.models.records.outcomes.failures import Requeued, requeue
from nophoto.models.records.outcomes.results import ResultFilter
from nophoto.models.records.scoring.sweep import mark_published
from nophoto.models.records.tables import Lane
from nophoto.models.vocabulary import FailureCode
from nophoto.worker.broker.publisher import BrokerUnreachableError, publish_chunks

_AT_ONCE = 1_000


def retry(
    database: Database,
    app: Celery,
    filters: ResultFilter,
    chunk_size: int,
    on_progress: Callable[[int], None] = lambda _: None,
) -> int:
    """Queue the failed uploads that meet `filters` again, and tell the workers.

    One that had ended its worker goes alone, so that it takes no others with it again.

    Returns:
        How many were queued.

    Raises:
        BrokerUnreachableError: if the broker does not answer; all are queued, and the sweep
            sends them.
    """
    count = 0
    unreachable: BrokerUnreachableError | None = None
    while True:
        with database.transaction() as session:
            found = requeue(session, filters, _AT_ONCE)
        if not found:
            break
        count += len(found)
        on_progress(count)
        if unreachable is None:
            try:
                _tell(app, found, chunk_size)
            except BrokerUnreachableError as error:
                unreachable = error
                continue
            with database.transaction() as session:
                mark_published(session, [upload.id for upload in found])
    if unreachable is not None:
        raise BrokerUnreachableError(
            f"{count} uploads are queued again and will be judged, but no worker was told yet: "
            f"{unreachable}"
        ) from unreachable
    return count


def _tell(app: Celery, found: list[Requeued], chunk_size: int) -> None:
    for lane in Lane:
        for crashed in (False, True):
            ids = [
                upload.id
                for upload in found
                if upload.lane == lane and (upload.failure == FailureCode.CRASHED) == crashed
            ]
            publish_chunks(app, ids, lane=lane, chunk_size=1 if crashed else chunk_size)
