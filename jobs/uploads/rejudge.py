"""Having uploads judged again from their files, whatever was said of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from celery import Celery

from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle.replacing import judge_again
from nophoto.models.records.scoring.sweep import mark_published
from nophoto.models.records.tables import Lane
from nophoto.worker.broker.publisher import BrokerUnreachableError, publish_chunks

_AT_ONCE = 1_000


@dataclass(slots=True)
class Rejudged:
    """What became of the keys that were to be judged again.

    Attributes:
        queued: of uploads that wait now.
        unknown: keys that no upload has.
        broker_error: why no worker could be told of them; the sweep sends them later.
    """

    queued: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    broker_error: str | None = None


def rejudge(database: Database, app: Celery, keys: Sequence[str], *, chunk_size: int) -> Rejudged:
    """Queue uploads again, as if they had just come: their files are read again.

    They keep their verdicts until they get the next. A moderator's word stays, unless other bytes
    lie there than those that it was said of.

    Args:
        database: migrated.
        app: whose broker is told.
        keys: of uploads.
        chunk_size: uploads in one message, at most.

    Raises:
        DatabaseUnreachableError: if the database does not answer.
    """
    result = Rejudged()
    wanted = list(dict.fromkeys(keys))
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        with database.transaction() as session:
            found = judge_again(session, some)
        result.queued.extend(key for key in some if key in found)
        result.unknown.extend(key for key in some if key not in found)
        if not found or result.broker_error is not None:
            continue
        try:
            for lane in Lane:
                ids = sorted(each.id for each in found.values() if each.lane == lane)
                publish_chunks(app, ids, lane=lane, chunk_size=chunk_size)
        except BrokerUnreachableError as error:
            result.broker_error = str(error)
            continue
        with database.transaction() as session:
            mark_published(session, [each.id for each in found.values()])
    return result
