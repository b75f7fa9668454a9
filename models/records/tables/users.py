"""The table of users."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from nophoto.models.records.tables.base import Base, RowId, one_of


class Role(StrEnum):
    """What a user of the console may do; each role may do what those before it may."""

    VIEWER = "viewer"
    MODERATOR = "moderator"
    ENGINEER = "engineer"


class User(Base):
    """Somebody who may log in to the console; of the password only a slow hash is kept."""

    __tablename__ = "users"

    id: Mapped[RowId]
    name: Mapped[str] = mapped_column(String(64), unique=True)
    password_hash: Mapped[str] = mapped_column(Text)
    issuer: Mapped[str | None] = mapped_column(String(255))
    """The provider that vouches for them; None where they have a password here."""
    role: Mapped[Role] = mapped_column(one_of(Role, "role"))
    collection: Mapped[str | None] = mapped_column(String(32))
    """Whose uploads alone they see and decide; absent: those of all."""
    created_at: Mapped[datetime]
