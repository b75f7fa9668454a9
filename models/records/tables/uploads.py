"""The table of uploads: the queue, and where each upload stands."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from nophoto.models.reasons import Reason
from nophoto.models.records.tables.base import Base, Digest, RowId, one_of
from nophoto.models.vocabulary import FailureCode, Kind, Verdict


class Lane(StrEnum):
    """Which queue an upload waits in; a backlog of bulk work never delays an interactive one."""

    INTERACTIVE = "interactive"
    BULK = "bulk"


class UploadState(StrEnum):
    """Where an upload stands between its enqueueing and its verdict."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    JUDGED = "judged"
    FAILED = "failed"


_OPEN = "state IN ('queued', 'claimed')"
_SINCE = (
    "\nCASE\n    WHEN (reviewed IS NULL OR failure IS NOT NULL) "
    "AND (reviewed_at IS NULL OR judged_at >= reviewed_at) THEN judged_at\n"
    "    ELSE reviewed_at\nEND"
)
"""Since when a row says what it says; spaced as in PostgreSQL, where indexes compare by text."""

_OF_COLLECTION = "collection <> 'default'"

_TO_REVIEW = "reviewed IS NULL AND (needs_review OR verdict = 'placeholder')"


class Upload(Base):
    """One picture that the platform asked about.

    The row is the truth about the queue; a message in the broker only says that it waits. A
    worker holds it while `lease_token` is the worker's and gives it up when `lease_until` has
    passed. A verdict always comes with the model version and the reference-set version that made
    it; similarity and nearest reference are absent only where the set was empty. An upload that
    is queued again keeps its last verdict until it gets the next; one that is replaced by another
    picture loses it at once.
    """

    __tablename__ = "uploads"

    id: Mapped[RowId]
    key: Mapped[str] = mapped_column(String(512), unique=True)
    uri: Mapped[str] = mapped_column(Text)
    lane: Mapped[Lane] = mapped_column(one_of(Lane, "lane"))
    state: Mapped[UploadState] = mapped_column(
        one_of(UploadState, "state"), server_default=UploadState.QUEUED
    )
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    lease_token: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    published_at: Mapped[datetime | None] = mapped_column("rung_at", key="published_at")
    """When it was last published to the broker. The column has the name that older workers know: a
    name of its own is not worth a second upgrade in which both columns are written."""
    digest: Mapped[Digest | None]
    verdict: Mapped[Verdict | None] = mapped_column(one_of(Verdict, "verdict"))
    needs_review: Mapped[bool] = mapped_column(server_default=false())
    score: Mapped[float | None]
    """Similarity minus reach; absent where a nophoto without reaches judged."""
    similarity: Mapped[float | None]
    kind: Mapped[Kind | None] = mapped_column(one_of(Kind, "kind"))
    """Of the nearest reference; absent like the score."""
    nearest_reference_id: Mapped[int | None] = mapped_column(ForeignKey("references.id"))
    reason: Mapped[Reason | None]
    """Why the verdict is another than the similarity alone would make it."""
    model_version_id: Mapped[str | None] = mapped_column(ForeignKey("model_versions.id"))
    reference_set_version: Mapped[int | None]
    failure: Mapped[FailureCode | None] = mapped_column(one_of(FailureCode, "failure"))
    failure_message: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    judged_at: Mapped[datetime | None]
    """When its verdict or its failure was written."""
    reviewed: Mapped[Verdict | None] = mapped_column(one_of(Verdict, "reviewed"))
    """What its newest review that is not undone says."""
    reviewed_at: Mapped[datetime | None]
    """When a moderator's word on it was last said or taken back."""
    collection: Mapped[str] = mapped_column(String(32), server_default="default")
    """By whose settings it is judged."""
    version: Mapped[int | None] = mapped_column(BigInteger)
    """The platform's number of the picture under this key; a higher one replaces it."""
    platform_metadata: Mapped[dict[str, Any] | None] = mapped_column("metadata")
    """The platform's own, given back with every outcome and looked at by nobody here."""
    replaced_at: Mapped[datetime | None]
    """When another picture last took the place of the one before."""

    __table_args__ = (
        CheckConstraint("key <> '' AND uri <> ''", name="named"),
        CheckConstraint("length(digest) = 64", name="digest_length"),
        CheckConstraint(
            "(state = 'claimed') = (lease_token IS NOT NULL)"
            " AND (lease_token IS NULL) = (lease_until IS NULL)",
            name="claimed_has_lease",
        ),
        CheckConstraint(
            "state <> 'judged' OR (verdict IS NOT NULL AND judged_at IS NOT NULL)",
            name="judged_has_verdict",
        ),
        CheckConstraint(
            "(verdict IS NULL) = (model_version_id IS NULL)"
            " AND (verdict IS NULL) = (reference_set_version IS NULL)"
            " AND (verdict IS NULL OR digest IS NOT NULL)",
            name="verdict_has_source",
        ),
        CheckConstraint(
            "(similarity IS NULL) = (nearest_reference_id IS NULL)"
            " AND (similarity IS NULL OR verdict IS NOT NULL)",
            name="similarity_has_reference",
        ),
        CheckConstraint(
            "(state = 'failed') = (failure IS NOT NULL)"
            " AND (failure IS NULL) = (failure_message IS NULL)"
            " AND (failure IS NULL OR (verdict IS NULL AND judged_at IS NOT NULL))",
            name="failed_has_failure",
        ),
        # All but the first hold few rows or none of those that just arrive, so that a bulk
        # insert stays cheap.
        Index(
            "ix_uploads_open",
            "published_at",
            postgresql_where=text(_OPEN),
            sqlite_where=text(_OPEN),
        ),
        Index(
            "ix_uploads_judged_at",
            "judged_at",
            postgresql_where=text("judged_at IS NOT NULL"),
            sqlite_where=text("judged_at IS NOT NULL"),
        ),
        Index("ix_uploads_since", text(f"({_SINCE})")),
        Index(
            "ix_uploads_verdict",
            "verdict",
            "id",
            postgresql_where=text("verdict IS NOT NULL"),
            sqlite_where=text("verdict IS NOT NULL"),
        ),
        Index(
            "ix_uploads_failure",
            "failure",
            "id",
            postgresql_where=text("failure IS NOT NULL"),
            sqlite_where=text("failure IS NOT NULL"),
        ),
        Index(
            "ix_uploads_collection",
            "collection",
            "id",
            postgresql_where=text(_OF_COLLECTION),
            sqlite_where=text(_OF_COLLECTION),
        ),
        Index(
            "ix_uploads_digest",
            "digest",
            postgresql_where=text("digest IS NOT NULL"),
            sqlite_where=text("digest IS NOT NULL"),
        ),
        Index(
            "ix_uploads_nearest_reference_id",
            "nearest_reference_id",
            postgresql_where=text("nearest_reference_id IS NOT NULL"),
            sqlite_where=text("nearest_reference_id IS NOT NULL"),
        ),
        Index(
            "ix_uploads_to_review",
            "id",
            postgresql_where=text(_TO_REVIEW),
            sqlite_where=text(_TO_REVIEW),
        ),
        # Counts and pages through the uploads of one picture that wait, without their rows.
        Index(
            "ix_uploads_waiting_digest",
            "digest",
            "id",
            postgresql_where=text(_TO_REVIEW),
            sqlite_where=text(_TO_REVIEW),
        ),
        Index(
            "ix_uploads_doubt",
            "score",
            "id",
            postgresql_where=text(_TO_REVIEW),
            sqlite_where=text(_TO_REVIEW),
        ),
        Index(
            "ix_uploads_reviewed",
            "nearest_reference_id",
            postgresql_where=text("reviewed IS NOT NULL"),
            sqlite_where=text("reviewed IS NOT NULL"),
        ),
    )


IS_OPEN = text(f"uploads.{_OPEN}")
"""The condition that an upload has no outcome yet.

Written out as in the index: a bound value keeps SQLite from using a partial index.
"""

IS_TO_REVIEW = text(
    "uploads.reviewed IS NULL AND (uploads.needs_review OR uploads.verdict = 'placeholder')"
)
"""The condition that a moderator should look: flagged or in the review band, and not decided."""
