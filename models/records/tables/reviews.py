"""The table of reviews."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from nophoto.models.records.tables.base import Base, RowId, one_of
from nophoto.models.vocabulary import Verdict


class Review(Base):
    """A moderator's word on one upload.

    The newest one that is not undone wins over the network's verdict and feeds the next retrain;
    the network never writes here.
    """

    __tablename__ = "reviews"

    id: Mapped[RowId]
    upload_id: Mapped[int] = mapped_column(ForeignKey("uploads.id"))
    verdict: Mapped[Verdict] = mapped_column(one_of(Verdict, "verdict"))
    reviewer: Mapped[str] = mapped_column(String(255))
    note: Mapped[str] = mapped_column(Text, server_default="")
    code: Mapped[str | None] = mapped_column(String(32))
    """Why, as one of the platform's short codes."""
    seconds: Mapped[float | None]
    """From when the item was shown to the decision; None where that is not known."""
    at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str | None] = mapped_column(String(255))

    __table_args__ = (
        CheckConstraint("(undone_at IS NULL) = (undone_by IS NULL)", name="undone_by_somebody"),
        Index("ix_reviews_upload_id", "upload_id", "id"),
        # Leads to what was decided at once, and to what was decided lately.
        Index("ix_reviews_at", "at", "id"),
    )
