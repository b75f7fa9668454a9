"""The tables of the outbox: what the platform is still to be told."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from nophoto.models.records.tables.base import Base, RowId


class Channel(StrEnum):
    """How the platform is told: by a signed HTTP request, or by a Celery task of its own.

    Further webhooks are channels too: `webhook:` and a name.
    """

    WEBHOOK = "webhook"
    TASK = "task"


class Subscription(Base):
    """A channel that outcomes are told through; without a row nothing is written for it.

    The table, not the settings, says so: a writer of verdicts need not know where the
    platform listens, and none is lost because one process was started without that setting.
    """

    __tablename__ = "subscriptions"

    channel: Mapped[str] = mapped_column(String(64), primary_key=True)
    since: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    """Since when nothing is sent, because the receiver said that it is gone for good."""
    closed_because: Mapped[str | None] = mapped_column(Text)
    """What the receiver said."""


class Notice(Base):
    """One outcome that a channel has not taken yet: the outbox.

    It is written in the transaction that wrote the outcome, and deleted once it was taken. One
    that was refused too often is dead: it is kept, and sent again only when somebody asks.
    """

    __tablename__ = "notices"

    id: Mapped[RowId]
    """Grows with every outcome of an upload, so that a receiver can tell the newer one."""
    channel: Mapped[str] = mapped_column(String(64))
    message_id: Mapped[UUID]
    """Stays the same however often it is sent."""
    event: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    """When it is to be sent; while a sender has it, when another takes over."""
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    error: Mapped[str | None] = mapped_column(Text)
    """Why the last attempt failed."""
    dead_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("dead_at IS NULL OR error IS NOT NULL", name="dead_has_error"),
        Index(
            "ix_notices_due",
            "channel",
            "due_at",
            postgresql_where=text("dead_at IS NULL"),
            sqlite_where=text("dead_at IS NULL"),
        ),
        Index(
            "ix_notices_dead",
            "id",
            postgresql_where=text("dead_at IS NOT NULL"),
            sqlite_where=text("dead_at IS NOT NULL"),
        ),
        # SQLite would give the numbers of deleted rows out again.
        {"sqlite_autoincrement": True},
    )
