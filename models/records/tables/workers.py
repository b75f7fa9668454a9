"""The table of workers' processes."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from nophoto.models.records.tables.base import Base


class Worker(Base):
    """A process that takes messages, as it last told of itself.

    For people alone: no lease hangs on it. One that ends properly takes its row away; the row of
    one that was killed says until when it lived.
    """

    __tablename__ = "workers"

    host: Mapped[str] = mapped_column(String(255), primary_key=True)
    pid: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    lanes: Mapped[str] = mapped_column(String(255))
    """The queues that it takes from, a space between two."""
    started_at: Mapped[datetime]
    heard_at: Mapped[datetime]
    task: Mapped[str | None] = mapped_column(String(64))
    """The name of what it does; nothing where it waits."""
    task_since: Mapped[datetime | None]
    model_version_id: Mapped[str | None] = mapped_column(ForeignKey("model_versions.id"))
    """By which it judges; nothing before it has opened one."""
