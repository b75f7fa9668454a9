"""The workers that there are: each process writes its own row, and readers see all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from nophoto.models.records import clock
from nophoto.models.records.dialects import insert
from nophoto.models.records.tables import Worker
from nophoto.models.records.text import storable

SILENT_SECONDS = 30.0
"""Without a word, after which a worker is considered dead; a living one tells every few seconds."""

_REMEMBERED = timedelta(hours=1)
"""How long the dead are shown, so that somebody sees that they died."""


@dataclass(frozen=True, slots=True)
class Presence:
    """What a process tells of itself.

    Attributes:
        host, pid: which process.
        lanes: the queues that it takes from.
        task: the name of what it does; None where it waits.
        task_seconds: for how long it has done so.
        model_version_id: by which it judges; None before it has opened one.
    """

    host: str
    pid: int
    lanes: Sequence[str]
    task: str | None = None
    task_seconds: float = 0.0
    model_version_id: str | None = None


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """A process as it last told of itself; `silent_seconds` ago by the database's clock."""

    host: str
    pid: int
    lanes: list[str]
    started_at: datetime
    heard_at: datetime
    task: str | None
    task_since: datetime | None
    model_version_id: str | None
    silent_seconds: float

    @property
    def is_live(self) -> bool:
        """Whether it told of itself just now."""
        return self.silent_seconds < SILENT_SECONDS


def arrive(session: Session, presence: Presence) -> None:
    """Note a process that has just begun, in place of a former one of the same number."""
    now = clock.now(session)
    session.execute(delete(Worker).where(Worker.heard_at < now - _REMEMBERED))
    leave(session, presence.host, presence.pid)
    heartbeat(session, presence)


def heartbeat(session: Session, presence: Presence) -> None:
    """Note what a process does now."""
    now = clock.now(session)
    since = now - timedelta(seconds=presence.task_seconds)
    said = {
        "lanes": " ".join(presence.lanes),
        "heard_at": now,
        "task": presence.task and storable(presence.task)[:64],
        "task_since": since if presence.task else None,
        "model_version_id": presence.model_version_id,
    }
    statement = insert(session, Worker).values(
        host=storable(presence.host)[:255], pid=presence.pid, started_at=now, **said
    )
    session.execute(
        statement.on_conflict_do_update(index_elements=[Worker.host, Worker.pid], set_=said)
    )


def leave(session: Session, host: str, pid: int) -> None:
    """Forget a process that ends."""
    session.execute(delete(Worker).where(Worker.host == storable(host)[:255], Worker.pid == pid))


def list_all(session: Session) -> list[WorkerRow]:
    """Every process that told of itself within the hour, by host and number."""
    now = clock.now(session)
    query = select(Worker).where(Worker.heard_at >= now - _REMEMBERED)
    return [
        WorkerRow(
            host=row.host,
            pid=row.pid,
            lanes=row.lanes.split(),
            started_at=row.started_at,
            heard_at=row.heard_at,
            task=row.task,
            task_since=row.task_since,
            model_version_id=row.model_version_id,
            silent_seconds=max(0.0, (now - row.heard_at).total_seconds()),
        )
        for row in session.scalars(query.order_by(Worker.host, Worker.pid))
    ]
