"""The table of the audit."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from nophoto.models.records.tables.base import Base, RowId


class AuditAction(StrEnum):
    """What was done; a word that this nophoto does not know was written by a newer one."""

    ERASE = "erase"
    COLLECTION = "collection"


class AuditEntry(Base):
    """One thing that somebody did: what, when, by whom.

    Append only. Of what was erased it holds neither key nor digest.
    """

    __tablename__ = "audit"

    id: Mapped[RowId]
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(255))
    action: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(255), server_default="")
    """What it was done to, such as a collection's name."""
    details: Mapped[dict[str, Any]]

    __table_args__ = (Index("ix_audit_action_at", "action", "at"),)
