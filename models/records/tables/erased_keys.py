"""The tables of keys that were erased, so that no late message brings an upload back."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from nophoto.models.records.tables.base import Base, Digest


class ErasedKey(Base):
    """The key of an upload that was erased lately, as a digest that only its secret leads to."""

    __tablename__ = "erased_keys"

    digest: Mapped[Digest] = mapped_column(primary_key=True)
    at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("length(digest) = 64", name="digest_length"),
        Index("ix_erased_keys_at", "at"),
    )


class ErasureSecret(Base):
    """The one secret with which the digests of erased keys are made."""

    __tablename__ = "erasure_secrets"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    secret: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)
