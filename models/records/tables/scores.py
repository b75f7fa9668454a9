"""The table of scores."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from nophoto.models.reasons import Reason
from nophoto.models.records.tables.base import Base, RowId, one_of
from nophoto.models.vocabulary import Kind, Verdict


class Score(Base):
    """One verdict of the network on one upload: what was said when, by what, against what.

    Append only. The newest row of an upload repeats what `uploads` says of it.
    """

    __tablename__ = "scores"

    id: Mapped[RowId]
    upload_id: Mapped[int] = mapped_column(ForeignKey("uploads.id"))
    at: Mapped[datetime]
    verdict: Mapped[Verdict] = mapped_column(one_of(Verdict, "verdict"))
    needs_review: Mapped[bool]
    score: Mapped[float | None]
    similarity: Mapped[float | None]
    kind: Mapped[Kind | None] = mapped_column(one_of(Kind, "kind"))
    nearest_reference_id: Mapped[int | None] = mapped_column(ForeignKey("references.id"))
    reason: Mapped[Reason | None]
    model_version_id: Mapped[str] = mapped_column(ForeignKey("model_versions.id"))
    reference_set_version: Mapped[int]
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"))

    __table_args__ = (
        CheckConstraint(
            "(similarity IS NULL) = (nearest_reference_id IS NULL)", name="similarity_has_reference"
        ),
        Index("ix_scores_upload_id", "upload_id", "id"),
    )
