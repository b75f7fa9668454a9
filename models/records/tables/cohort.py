"""The table of the cohort."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from nophoto.models.records.tables.base import Base, Digest


class CohortPicture(Base):
    """The embedding of an upload that was judged real: one of a bounded random sample.

    The reaches of the references rest on it, beside the pictures that a model version brings.
    Those with the lowest ranks stay when the sample is refreshed.
    """

    __tablename__ = "cohort"

    model_version_id: Mapped[str] = mapped_column(ForeignKey("model_versions.id"), primary_key=True)
    digest: Mapped[Digest] = mapped_column(primary_key=True)
    vector: Mapped[bytes]
    """As in `embeddings`."""
    rank: Mapped[float]
    """Random, in [0, 1)."""
    added_at: Mapped[datetime]

    __table_args__ = (CheckConstraint("length(digest) = 64", name="digest_length"),)
