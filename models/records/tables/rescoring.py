"""The tables of a rescoring: its chunks, and what it found to be otherwise than before."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    func,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from nophoto.models.reasons import Reason
from nophoto.models.records.tables.base import Base


class RunChunk(Base):
    """The uploads of a run from `first_id` to `last_id`, which one worker at a time works on.

    `step` counts what is done with them: 0 nothing, 1 compared, 2 written.
    """

    __tablename__ = "run_chunks"

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    first_id: Mapped[int] = mapped_column(BigInteger)
    last_id: Mapped[int] = mapped_column(BigInteger)
    step: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    """How often it was claimed since its last step."""
    lease_token: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    tally: Mapped[dict[str, Any] | None]
    """How many of its uploads came to what."""

    __table_args__ = (
        CheckConstraint("step BETWEEN 0 AND 2", name="step_known"),
        CheckConstraint("first_id <= last_id", name="ids_ordered"),
        CheckConstraint("(lease_token IS NULL) = (lease_until IS NULL)", name="lease_whole"),
        Index("ix_run_chunks_step", "run_id", "step", "number"),
    )


class RunChange(Base):
    """An upload of which a run says otherwise than its row did, kept beside it.

    All of them are known before any is written, so that a run which would turn too much upside
    down can be stopped. `judged_at` is when the verdict before was written: where another has
    been since, it stands. No foreign key holds `upload_id`: a million of these are written at
    once, and each would be looked up.
    """

    __tablename__ = "run_changes"

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    upload_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    judged_at: Mapped[datetime]
    was_placeholder: Mapped[bool]
    is_placeholder: Mapped[bool]
    needs_review: Mapped[bool]
    similarity_before: Mapped[float | None]
    similarity: Mapped[float | None]
    score_before: Mapped[float | None]
    score: Mapped[float | None]
    nearest_before_id: Mapped[int | None] = mapped_column(BigInteger)
    nearest_reference_id: Mapped[int | None] = mapped_column(BigInteger)
    reason: Mapped[Reason | None]


MOST_SIMILAR_FIRST = func.coalesce(RunChange.similarity, literal_column("-2")).desc()
"""Changes by similarity; those that there is nothing left to resemble stand last.

The number is written out: a bound value keeps a database from using the index.
"""

# Those that people ask for, among many whose similarity alone is another, as they are shown.
Index(
    "ix_run_changes_flipped",
    RunChange.run_id,
    MOST_SIMILAR_FIRST,
    RunChange.upload_id,
    postgresql_where=text("was_placeholder <> is_placeholder"),
    sqlite_where=text("was_placeholder <> is_placeholder"),
)
