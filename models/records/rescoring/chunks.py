"""The chunks of a run: cutting it, claiming some under a lease, noting what came of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import Select, delete, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session

from nophoto.models.records import clock
from nophoto.models.records.rescoring.tally import Tally
from nophoto.models.records.tables import RunChunk

TO_COMPARE, TO_WRITE, WRITTEN = range(3)

AT_ONCE = 4
"""Chunks that one worker compares at once, at most."""

_WRITTEN_AT_ONCE = 64
"""Chunks whose changes one worker writes at once, at most."""

_SHARED_BY = 4
"""Into so many parts what is left is parted, so that workers come to the end together."""

Span = tuple[int, int]
"""The first and the last id of uploads that follow one another."""


@dataclass(frozen=True, slots=True)
class ClaimedChunk:
    """Uploads of a run that belong to the holder of `token`, until the lease has passed.

    Attributes:
        attempts: claims since the chunk's last step, this one included.
        tally: what was noted of it so far.
    """

    run_id: int
    number: int
    first_id: int
    last_id: int
    attempts: int
    tally: Tally
    token: UUID


def cut(session: Session, run_id: int, first_id: int, last_id: int, size: int) -> int:
    """Cut the ids from `first_id` to `last_id` into chunks, in place of any that there were.

    Returns:
        How many there are.
    """
    session.execute(delete(RunChunk).where(RunChunk.run_id == run_id))
    rows = [
        {
            "run_id": run_id,
            "number": number,
            "first_id": start,
            "last_id": min(start + size - 1, last_id),
        }
        for number, start in enumerate(range(first_id, last_id + 1, size))
    ]
    if rows:
        session.execute(insert(RunChunk), rows)
    return len(rows)


def claim_to_compare(
    session: Session, run_id: int, lease_seconds: float, at_once: int = AT_ONCE
) -> list[ClaimedChunk]:
    """Take chunks to be compared that nobody holds, the first by number; none if there are none.

    As many as `at_once`, and fewer towards the end.
    """
    now = clock.now_without_flush(session)
    free = _free(run_id, TO_COMPARE, now, lease_seconds, at_once * _SHARED_BY)
    count = max(1, len(session.execute(free).all()) // _SHARED_BY)
    return _claim(session, run_id, TO_COMPARE, now, lease_seconds, count)


def claim_to_write(
    session: Session, run_id: int, lease_seconds: float, changes: int
) -> list[ClaimedChunk]:
    """Take chunks to be written that nobody holds, the first by number; none if there are none.

    As many as have so many changes together, but at least one.
    """
    now = clock.now_without_flush(session)
    free = _free(run_id, TO_WRITE, now, lease_seconds, _WRITTEN_AT_ONCE)
    count = _fitting([row.changed for row in session.execute(free)], changes)
    return _claim(session, run_id, TO_WRITE, now, lease_seconds, count, changes)


def spans(claimed: Sequence[ClaimedChunk]) -> list[Span]:
    """The ids of some chunks, those of neighbours as one span."""
    joined: list[Span] = []
    for chunk in sorted(claimed, key=lambda chunk: chunk.first_id):
        if joined and joined[-1][1] + 1 == chunk.first_id:
            joined[-1] = joined[-1][0], chunk.last_id
        else:
            joined.append((chunk.first_id, chunk.last_id))
    return joined


def renew(session: Session, claimed: Sequence[ClaimedChunk], lease_seconds: float) -> bool:
    """Hold chunks for `lease_seconds` from now, and return whether all are still held."""
    until = clock.now(session) + timedelta(seconds=lease_seconds)
    return _change(session, claimed, {"lease_until": until})


def put_back(session: Session, chunk: ClaimedChunk, tally: Tally) -> bool:
    """Leave a chunk to the next claim, which goes on from `tally`."""
    return _change(session, [chunk], {"tally": dict(tally), "attempts": 0, **_FREE})


def release(session: Session, claimed: Sequence[ClaimedChunk]) -> bool:
    """Leave chunks that were not begun to the next claims."""
    return _change(session, claimed, {"attempts": 0, **_FREE})


def take_step(session: Session, chunk: ClaimedChunk, step: int, tally: Tally) -> bool:
    """Note that a chunk is at `step`, and return whether it was still held."""
    return _change(session, [chunk], {"step": step, "tally": dict(tally), "attempts": 0, **_FREE})


def take_step_together(session: Session, claimed: Sequence[ClaimedChunk], step: int) -> bool:
    """As `take_step` for some chunks, whose tallies stay as they are."""
    return _change(session, claimed, {"step": step, "attempts": 0, **_FREE})


def is_left(session: Session, run_id: int, step: int) -> bool:
    """Whether a chunk of the run is at `step`, held or not."""
    left = exists().where(RunChunk.run_id == run_id, RunChunk.step == step)
    return bool(session.scalar(select(left)))


def count(session: Session, run_id: int) -> int:
    """How many chunks the run has."""
    query = select(func.count()).select_from(RunChunk).where(RunChunk.run_id == run_id)
    return session.scalar(query) or 0


def tallies(session: Session, run_id: int) -> list[Tally]:
    """What was noted of each chunk of the run."""
    query = select(RunChunk.tally).where(RunChunk.run_id == run_id, RunChunk.tally.is_not(None))
    return [cast(Tally, tally) for tally in session.scalars(query) if tally is not None]


_FREE: dict[str, datetime | None] = {"lease_token": None, "lease_until": None}


def _free(
    run_id: int, step: int, now: datetime, lease_seconds: float, limit: int
) -> Select[tuple[int, int]]:
    """The first chunks at `step` that nobody holds, with how many changes each has."""
    # A lease from after twice its time was given before the clock was set back.
    implausible = now + 2 * timedelta(seconds=lease_seconds)
    free = or_(
        RunChunk.lease_until.is_(None),
        RunChunk.lease_until < now,
        RunChunk.lease_until > implausible,
    )
    changed = func.coalesce(RunChunk.tally["changed"].as_integer(), 0)
    return (
        select(RunChunk.number, changed.label("changed"))
        .where(RunChunk.run_id == run_id, RunChunk.step == step, free)
        .order_by(RunChunk.number)
        .limit(limit)
    )


def _fitting(changed: Sequence[int], most: int) -> int:
    """How many of the first have `most` changes together at most, but at least one."""
    return max(1, sum(together <= most for together in accumulate(changed)))


def _claim(
    session: Session,
    run_id: int,
    step: int,
    now: datetime,
    lease_seconds: float,
    count: int,
    changes: int | None = None,
) -> list[ClaimedChunk]:
    # No more are locked than will be taken: another that claims passes over them.
    free = _free(run_id, step, now, lease_seconds, count).with_for_update(skip_locked=True)
    rows = session.execute(free).all()
    if changes is not None:
        # Another may have taken the first ones meanwhile.
        rows = rows[: _fitting([row.changed for row in rows], changes)]
    if not rows:
        return []
    token = uuid4()
    statement = (
        update(RunChunk)
        .where(RunChunk.run_id == run_id, RunChunk.number.in_([row.number for row in rows]))
        .values(
            attempts=RunChunk.attempts + 1,
            lease_token=token,
            lease_until=now + timedelta(seconds=lease_seconds),
        )
        .returning(
            RunChunk.number,
            RunChunk.first_id,
            RunChunk.last_id,
            RunChunk.attempts,
            RunChunk.tally,
        )
        .execution_options(synchronize_session=False)
    )
    claimed = [
        ClaimedChunk(run_id, number, first, last, attempts, cast(Tally, tally or {}), token)
        for number, first, last, attempts, tally in session.execute(statement)
    ]
    return sorted(claimed, key=lambda chunk: chunk.number)


def _change(session: Session, claimed: Sequence[ClaimedChunk], values: Mapping[str, Any]) -> bool:
    """Change chunks of one claim, and return whether all were still held."""
    statement = (
        update(RunChunk)
        .where(
            RunChunk.run_id == claimed[0].run_id,
            RunChunk.number.in_([chunk.number for chunk in claimed]),
            RunChunk.lease_token == claimed[0].token,
        )
        .values(**values)
        .returning(RunChunk.number)
        .execution_options(synchronize_session=False)
    )
    return len(session.scalars(statement).all()) == len(claimed)
