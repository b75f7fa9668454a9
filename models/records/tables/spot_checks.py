"""The tables of spot checks: verdicts that moderators judge unseen, and what they answered."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from nophoto.models.records.tables.base import Base, Digest, RowId, one_of
from nophoto.models.vocabulary import Kind, Verdict


class SpotCheckPurpose(StrEnum):
    """Why an upload is shown without the network's answer.

    A `sample` is drawn at random and measures the system; a `golden` item has a known truth and
    measures moderators; on a `shadow` the active version and one in the shadow disagree.
    """

    SAMPLE = "sample"
    GOLDEN = "golden"
    SHADOW = "shadow"


class SpotCheck(Base):
    """One upload that moderators judge without seeing what the network says.

    What the network said is kept as it was when the upload was drawn: a later rescoring changes
    the upload, not what is measured.
    """

    __tablename__ = "spot_checks"

    id: Mapped[RowId]
    upload_id: Mapped[int] = mapped_column(ForeignKey("uploads.id", ondelete="CASCADE"))
    purpose: Mapped[SpotCheckPurpose] = mapped_column(one_of(SpotCheckPurpose, "purpose"))
    digest: Mapped[Digest]
    verdict: Mapped[Verdict] = mapped_column(one_of(Verdict, "verdict"))
    """The network's."""
    score: Mapped[float | None]
    kind: Mapped[Kind | None] = mapped_column(one_of(Kind, "kind"))
    model_version_id: Mapped[str] = mapped_column(ForeignKey("model_versions.id"))
    probability: Mapped[float]
    """With which it was drawn; an estimate weighs it by the inverse."""
    truth: Mapped[Verdict | None] = mapped_column(one_of(Verdict, "truth"))
    """What a golden item is."""
    at: Mapped[datetime]
    """When it was drawn."""
    wanted: Mapped[int] = mapped_column(server_default=text("1"))
    """Answers of different moderators that a sample waits for."""
    answered: Mapped[int] = mapped_column(server_default=text("0"))

    __table_args__ = (
        CheckConstraint("length(digest) = 64", name="digest_length"),
        CheckConstraint("probability > 0 AND probability <= 1", name="probability_is_one"),
        CheckConstraint("(purpose = 'golden') = (truth IS NOT NULL)", name="golden_has_truth"),
        Index("uq_spot_checks_upload_id", "upload_id", "purpose", unique=True),
        Index("ix_spot_checks_at", "at"),
        Index(
            "ix_spot_checks_open",
            "id",
            postgresql_where=text("answered < wanted"),
            sqlite_where=text("answered < wanted"),
        ),
    )


class SpotCheckAnswer(Base):
    """What one moderator said of an upload under a spot check."""

    __tablename__ = "spot_check_answers"

    spot_check_id: Mapped[int] = mapped_column(
        ForeignKey("spot_checks.id", ondelete="CASCADE"), primary_key=True
    )
    reviewer: Mapped[str] = mapped_column(String(255), primary_key=True)
    verdict: Mapped[Verdict] = mapped_column(one_of(Verdict, "verdict"))
    at: Mapped[datetime]
    seconds: Mapped[float | None]
    """From when the item was shown to the answer."""
    review_id: Mapped[int | None] = mapped_column(ForeignKey("reviews.id", ondelete="SET NULL"))
    """The review that the answer made; a second answer makes none."""

    __table_args__ = (
        Index("ix_spot_check_answers_reviewer", "reviewer", "at"),
        Index("ix_spot_check_answers_review_id", "review_id"),
    )


IS_UNANSWERED = text("spot_checks.answered < spot_checks.wanted")
"""The condition that a sample waits for answers; written out as in the index."""
