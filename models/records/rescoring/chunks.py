"""The chunks of a run: cutting it, claiming one under a lease, noting what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import delete, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session

from nophoto.models.records import clock
from nophoto.models.records.rescoring.tally import Tally
from nophoto.models.records.tables import RunChunk

TO_COMPARE, TO_WRITE, WRITTEN = range(3)


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


def claim(session: Session, run_id: int, step: int, lease_seconds: float) -> ClaimedChunk | None:
    """Take a chunk at `step` that nobody holds, the first by number; None if there is none."""
    now = clock.now(session)
    # A lease from after twice its time was given before the clock was set back.
    implausible = now + 2 * timedelta(seconds=lease_seconds)
    free = or_(
        RunChunk.lease_until.is_(None),
        RunChunk.lease_until < now,
        RunChunk.lease_until > implausible,
    )
    query = (
        select(RunChunk.number)
        .where(RunChunk.run_id == run_id, RunChunk.step == step, free)
        .order_by(RunChunk.number)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    number = session.scalar(query)
    if number is None:
        return None
    token = uuid4()
    statement = (
        update(RunChunk)
        .where(RunChunk.run_id == run_id, RunChunk.number == number)
        .values(
            attempts=RunChunk.attempts + 1,
            lease_token=token,
            lease_until=now + timedelta(seconds=lease_seconds),
        )
        .returning(RunChunk.first_id, RunChunk.last_id, RunChunk.attempts, RunChunk.tally)
        .execution_options(synchronize_session=False)
    )
    row = session.execute(statement).one()
    return ClaimedChunk(
        run_id, number, row.first_id, row.last_id, row.attempts, cast(Tally, row.tally or {}), token
    )


def renew(session: Session, chunk: ClaimedChunk, lease_seconds: float) -> bool:
    """Hold a chunk for `lease_seconds` from now, and return whether it is still held."""
    until = clock.now(session) + timedelta(seconds=lease_seconds)
    return _change(session, chunk, {"lease_until": until})


def put_back(session: Session, chunk: ClaimedChunk, tally: Tally) -> bool:
    """Leave a chunk to the next claim, which goes on from `tally`."""
    return _change(session, chunk, {"tally": dict(tally), "attempts": 0, **_FREE})


def take_step(session: Session, chunk: ClaimedChunk, step: int, tally: Tally) -> bool:
    """Note that a chunk is at `step`, and return whether it was still held."""
    return _change(session, chunk, {"step": step, "tally": dict(tally), "attempts": 0, **_FREE})


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


def _change(session: Session, chunk: ClaimedChunk, values: Mapping[str, Any]) -> bool:
    statement = (
        update(RunChunk)
        .where(
            RunChunk.run_id == chunk.run_id,
            RunChunk.number == chunk.number,
            RunChunk.lease_token == chunk.token,
        )
        .values(**values)
        .returning(RunChunk.number)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(statement) is not None
