"""The tables of what moderators share: who looks at what, and appeals."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from nophoto.models.records.tables.base import Base, Digest, RowId, one_of
from nophoto.models.vocabulary import Verdict


class ReviewLease(Base):
    """A picture of the queue that one moderator looks at, so that no other gets it meanwhile.

    A decision does not depend on it: the first decision stands.
    """

    __tablename__ = "review_leases"

    digest: Mapped[Digest] = mapped_column(primary_key=True)
    reviewer: Mapped[str] = mapped_column(String(255))
    since: Mapped[datetime]
    """When it was shown first."""
    until: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("length(digest) = 64", name="digest_length"),
        Index("ix_review_leases_reviewer", "reviewer"),
    )


class Appeal(Base):
    """Somebody's objection to what stands of an upload; a second moderator decides again."""

    __tablename__ = "appeals"

    id: Mapped[RowId]
    upload_id: Mapped[int] = mapped_column(ForeignKey("uploads.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(255))
    """Who appeals, as the platform says."""
    note: Mapped[str] = mapped_column(Text, server_default="")
    verdict: Mapped[Verdict] = mapped_column(one_of(Verdict, "verdict"))
    """What stood."""
    first_reviewer: Mapped[str | None] = mapped_column(String(255))
    """The moderator who had said so; None where it was the network."""
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(String(255))
    outcome: Mapped[Verdict | None] = mapped_column(one_of(Verdict, "outcome"))

    __table_args__ = (
        CheckConstraint(
            "(closed_at IS NULL) = (closed_by IS NULL) AND (closed_at IS NULL) = (outcome IS NULL)",
            name="closed_has_outcome",
        ),
        # One open appeal for an upload: a second one says nothing new.
        Index(
            "uq_appeals_open",
            "upload_id",
            unique=True,
            postgresql_where=text("closed_at IS NULL"),
            sqlite_where=text("closed_at IS NULL"),
        ),
        Index("ix_appeals_upload_id", "upload_id", "id"),
    )
