"""The table of runs."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from nophoto.models.records.tables.base import Base, RowId, one_of


class RunKind(StrEnum):
    """What a run does."""

    RESCORE = "rescore"
    RETRAIN = "retrain"


class RunState(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Run(Base):
    """One request for bulk work, with its parameters, progress and result.

    It outlives any message: its worker holds the lease and renews it with each
    heartbeat, and when the lease has passed another takes over from `progress`. Of each kind at
    most one is open.
    """

    __tablename__ = "runs"

    id: Mapped[RowId]
    kind: Mapped[RunKind] = mapped_column(one_of(RunKind, "kind"))
    parameters: Mapped[dict[str, Any]]
    state: Mapped[RunState] = mapped_column(
        one_of(RunState, "state"), server_default=RunState.QUEUED
    )
    progress: Mapped[dict[str, Any] | None]
    result: Mapped[dict[str, Any] | None]
    error: Mapped[str | None] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    """How often it was claimed since it last came further."""
    published_at: Mapped[datetime | None] = mapped_column("rung_at", key="published_at")
    """When it was last published to the broker; the column as in `uploads`."""
    lease_token: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    heartbeat_at: Mapped[datetime | None]
    requested_by: Mapped[str] = mapped_column(String(255), server_default="")
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint(
            "(state = 'running') = (lease_token IS NOT NULL)"
            " AND (lease_token IS NULL) = (lease_until IS NULL)",
            name="running_has_lease",
        ),
        CheckConstraint(
            "(state IN ('done', 'failed', 'cancelled')) = (finished_at IS NOT NULL)",
            name="finished_has_time",
        ),
        CheckConstraint("(state = 'failed') = (error IS NOT NULL)", name="failed_has_error"),
        # Two requests at once collide here.
        Index(
            "uq_runs_open",
            "kind",
            unique=True,
            postgresql_where=text("state IN ('queued', 'running', 'paused')"),
            sqlite_where=text("state IN ('queued', 'running', 'paused')"),
        ),
    )
