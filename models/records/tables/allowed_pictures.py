"""The table of pictures that are never to be flagged."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from nophoto.models.records.tables.base import Base, Digest, RowId


class AllowedPicture(Base):
    """One picture of the allow-list: the platform's own logo, say, which looks like a placeholder.

    An upload of the same bytes is real; with `look_alikes` so is one that is at least as similar
    to this picture as to its nearest reference. Rows are never deleted, since reasons name them.
    """

    __tablename__ = "allowed_pictures"

    id: Mapped[RowId]
    digest: Mapped[Digest]
    name: Mapped[str] = mapped_column(String(255))
    reason: Mapped[str] = mapped_column(Text)
    look_alikes: Mapped[bool] = mapped_column(server_default=false())
    picture: Mapped[bytes | None]
    """Kept where look-alikes are meant: every model version embeds it again."""
    collection: Mapped[str] = mapped_column(String(32), server_default="")
    """Whose uploads are meant; empty for those of all."""
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("length(digest) = 64", name="digest_length"),
        CheckConstraint("NOT look_alikes OR picture IS NOT NULL", name="look_alikes_have_picture"),
        Index(
            "uq_allowed_pictures_digest",
            "digest",
            "collection",
            unique=True,
            postgresql_where=text("removed_at IS NULL"),
            sqlite_where=text("removed_at IS NULL"),
        ),
    )
