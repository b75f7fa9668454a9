"""The table of model versions."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from nophoto.models.records.tables.base import Base, Digest


class ModelVersion(Base):
    """An immutable trained network that this database knows; at most one of them is active.

    The network itself is the directory, or the object of a store, at `location`, whose content
    `digest` pins. A similarity
    of at least `threshold` makes a placeholder; from `review_low` to `review_high` the verdict is
    marked for review.
    """

    __tablename__ = "model_versions"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    digest: Mapped[Digest]
    backbone: Mapped[str] = mapped_column(String(64))
    dimension: Mapped[int]
    threshold: Mapped[float]
    review_low: Mapped[float]
    review_high: Mapped[float]
    metrics: Mapped[dict[str, Any]]
    location: Mapped[str] = mapped_column(Text)
    active: Mapped[bool] = mapped_column(server_default=false())
    created_at: Mapped[datetime]
    promoted_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("length(digest) = 64", name="digest_length"),
        CheckConstraint("dimension > 0", name="dimension_positive"),
        CheckConstraint(
            "review_low <= threshold AND threshold <= review_high", name="review_band_ordered"
        ),
        CheckConstraint("NOT active OR promoted_at IS NOT NULL", name="active_was_promoted"),
        Index(
            "uq_model_versions_active",
            "active",
            unique=True,
            postgresql_where=text("active"),
            sqlite_where=text("active"),
        ),
    )
