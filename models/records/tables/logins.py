"""The tables of who is logged in to the console, and of logins under way at a provider."""

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from nophoto.models.records.tables.base import Base, Digest


class ConsoleSession(Base):
    """Somebody who is logged in; of the token only its hash is kept.

    Several consoles behind one address share it, and a restart logs nobody out.
    """

    __tablename__ = "console_sessions"

    token_hash: Mapped[Digest] = mapped_column(primary_key=True)
    user: Mapped[str] = mapped_column(String(64))
    fingerprint: Mapped[str] = mapped_column(String(64))
    """Fingerprint of the password that they logged in with."""
    begun: Mapped[float]
    """Seconds since the epoch."""
    used: Mapped[float]

    __table_args__ = (Index("ix_console_sessions_begun", "begun"),)


class PendingLogin(Base):
    """A login that somebody began at a provider; its answer is taken once."""

    __tablename__ = "pending_logins"

    state_hash: Mapped[Digest] = mapped_column(primary_key=True)
    nonce: Mapped[str] = mapped_column(String(64))
    verifier: Mapped[str] = mapped_column(String(128))
    following: Mapped[str] = mapped_column(Text)
    """The page that they came for."""
    begun: Mapped[float]
