"""The tables of the reference set and of its history."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from nophoto.models.records.tables.base import Base, Digest, RowId, one_of
from nophoto.models.vocabulary import Kind, ReferenceScope


class ReferenceOrigin(StrEnum):
    """Whether a reference came with nophoto or somebody added it."""

    SHIPPED = "shipped"
    ADDED = "added"


class ReferenceState(StrEnum):
    """What a reference does to the uploads that match it.

    An active one flags them, a quarantined one only holds them for review, and with a retired one
    nothing is compared.
    """

    ACTIVE = "active"
    QUARANTINED = "quarantined"
    RETIRED = "retired"


class SetChange(StrEnum):
    """What made a version of the reference set."""

    ADDED = "added"
    QUARANTINED = "quarantined"
    RETIRED = "retired"
    RESTORED = "restored"
    CALIBRATED = "calibrated"
    """No reference changed: the cohort that their reaches rest on did."""


class Reference(Base):
    """One known placeholder picture, with its bytes: a worker needs no file to compare with it.

    It is never deleted, since verdicts name it; a retired one is compared with nothing.
    """

    __tablename__ = "references"

    id: Mapped[RowId]
    digest: Mapped[Digest] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(String(255))
    picture: Mapped[bytes]
    origin: Mapped[ReferenceOrigin] = mapped_column(one_of(ReferenceOrigin, "origin"))
    state: Mapped[ReferenceState] = mapped_column(
        one_of(ReferenceState, "state"), server_default=ReferenceState.ACTIVE
    )
    kind: Mapped[Kind] = mapped_column(one_of(Kind, "kind"), server_default=Kind.OWN)
    scope: Mapped[ReferenceScope] = mapped_column(
        one_of(ReferenceScope, "scope"), server_default=ReferenceScope.KIND
    )
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(Text, server_default="")

    __table_args__ = (
        CheckConstraint("length(digest) = 64", name="digest_length"),
        CheckConstraint("(state = 'retired') = (retired_at IS NOT NULL)", name="retired_has_time"),
    )


class ReferenceSetVersion(Base):
    """One change of the reference set's members, or of the cohort that their reaches rest on.

    Version 0 is the empty set before the first.

    Each change inserts the highest version plus one, so two changes at once collide on the
    primary key and the second is numbered again: versions are in the order of their commits.
    """

    __tablename__ = "reference_set_versions"

    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    change: Mapped[SetChange] = mapped_column(one_of(SetChange, "change"))
    by: Mapped[str] = mapped_column(String(255), server_default="")
    """Who made it; empty where nobody said so."""
    reference_count: Mapped[int]
    """Active members after the change."""

    __table_args__ = (CheckConstraint("version > 0", name="version_positive"),)


class ReferenceSetChange(Base):
    """A reference that a version of the set added, quarantined, retired or restored.

    What a reference is in version v is what its last change up to v made of it.
    """

    __tablename__ = "reference_set_changes"

    version: Mapped[int] = mapped_column(
        ForeignKey("reference_set_versions.version"), primary_key=True
    )
    reference_id: Mapped[int] = mapped_column(ForeignKey("references.id"), primary_key=True)

    __table_args__ = (Index("ix_reference_set_changes_reference_id", "reference_id", "version"),)
