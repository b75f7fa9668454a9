"""The tables of shadow runs: a version that judges live uploads beside the active one."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text, true
from sqlalchemy.orm import Mapped, mapped_column

from nophoto.models.records.tables.base import Base, RowId, one_of
from nophoto.models.vocabulary import Kind, Verdict


class Shadow(Base):
    """A time in which a version judges a share of the live uploads, and writes no verdict."""

    __tablename__ = "shadows"

    id: Mapped[RowId]
    model_version_id: Mapped[str] = mapped_column(ForeignKey("model_versions.id"))
    beside_id: Mapped[str] = mapped_column(ForeignKey("model_versions.id"))
    """The version that judges."""
    share: Mapped[float]
    started_at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(255), server_default="")
    followed_to: Mapped[datetime]
    """Up to which time of judging uploads have been looked at."""
    is_open: Mapped[bool] = mapped_column(server_default=true())
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        CheckConstraint("share > 0 AND share <= 1", name="share_is_one"),
        CheckConstraint("beside_id <> model_version_id", name="beside_another"),
        CheckConstraint("(ended_at IS NULL) = (ended_because IS NULL)", name="ended_has_reason"),
        CheckConstraint("is_open = (ended_at IS NULL)", name="open_until_ended"),
        # One at a time.
        Index(
            "uq_shadows_open",
            "is_open",
            unique=True,
            postgresql_where=text("is_open"),
            sqlite_where=text("is_open"),
        ),
    )


class ShadowVerdict(Base):
    """What both versions say of one upload."""

    __tablename__ = "shadow_verdicts"

    shadow_id: Mapped[int] = mapped_column(
        ForeignKey("shadows.id", ondelete="CASCADE"), primary_key=True
    )
    upload_id: Mapped[int] = mapped_column(
        ForeignKey("uploads.id", ondelete="CASCADE"), primary_key=True
    )
    at: Mapped[datetime]
    active_verdict: Mapped[Verdict] = mapped_column(one_of(Verdict, "active_verdict"))
    active_score: Mapped[float | None]
    verdict: Mapped[Verdict] = mapped_column(one_of(Verdict, "verdict"))
    score: Mapped[float | None]
    kind: Mapped[Kind | None] = mapped_column(one_of(Kind, "kind"))

    __table_args__ = (
        Index("ix_shadow_verdicts_upload_id", "upload_id"),
        Index(
            "ix_shadow_verdicts_differ",
            "shadow_id",
            "upload_id",
            postgresql_where=text("verdict <> active_verdict"),
            sqlite_where=text("verdict <> active_verdict"),
        ),
    )
