"""A bounded sample of what came of the uploads of some period."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from nophoto.models.records.tables import Upload
from nophoto.models.vocabulary import FailureCode, Kind, Verdict

_BLOCKS = 100
"""Places of a period at which uploads are read, so that a long one costs as much as a short one."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the network said of an upload, or why it could not be judged."""

    upload_id: int
    verdict: Verdict | None
    kind: Kind | None
    score: float | None
    failure: FailureCode | None


def outcomes(session: Session, start: datetime, end: datetime, most: int) -> list[Outcome]:
    """The outcomes of uploads that came from `start` to `end`, about `most` spread over them all.

    Ids grow with time, so that the period is found by its ends alone, and no index is needed.
    """
    first, behind = _first_since(session, start), _first_since(session, end)
    query = select(Upload.id, Upload.verdict, Upload.kind, Upload.score, Upload.failure).where(
        Upload.judged_at.is_not(None)
    )
    found = []
    for low, high in _blocks(first, behind, most):
        rows = session.execute(query.where(Upload.id >= low, Upload.id < high))
        found += [Outcome(*row) for row in rows]
    return found


def _blocks(first: int, behind: int, most: int) -> Iterator[tuple[int, int]]:
    count = behind - first
    if count <= most:
        yield first, behind
        return
    size = max(1, most // _BLOCKS)
    for block in range(_BLOCKS):
        low = first + block * count // _BLOCKS
        yield low, min(low + size, behind)


def _first_since(session: Session, moment: datetime) -> int:
    """The id of the first upload that came since then; behind the last one if none has."""
    low, high = 1, (session.scalar(select(func.max(Upload.id))) or 0) + 1
    while low < high:
        middle = (low + high) // 2
        query = select(Upload.id, Upload.created_at).where(Upload.id >= middle)
        row = session.execute(query.order_by(Upload.id).limit(1)).one_or_none()
        if row is None or row[1] >= moment:
            high = middle
        else:
            low = row[0] + 1
    return low
