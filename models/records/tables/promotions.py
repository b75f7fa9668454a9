"""The table of promotions."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from nophoto.models.records.tables.base import Base, RowId, one_of


class PromotionKind(StrEnum):
    """Why another model version judges."""

    INSTALLED = "installed"
    PROMOTED = "promoted"
    ROLLED_BACK = "rolled-back"


class Promotion(Base):
    """One change of the model version that judges: to which, from which, by whom and why.

    Append only. `gate` holds what the comparison with the version before found; `forced` says that
    somebody promoted against it.
    """

    __tablename__ = "promotions"

    id: Mapped[RowId]
    at: Mapped[datetime]
    kind: Mapped[PromotionKind] = mapped_column(one_of(PromotionKind, "kind"))
    model_version_id: Mapped[str] = mapped_column(ForeignKey("model_versions.id"))
    replaced_id: Mapped[str | None] = mapped_column(ForeignKey("model_versions.id"))
    by: Mapped[str] = mapped_column(String(255), server_default="")
    reason: Mapped[str] = mapped_column(Text, server_default="")
    forced: Mapped[bool] = mapped_column(server_default=false())
    gate: Mapped[dict[str, Any] | None]

    __table_args__ = (
        CheckConstraint("NOT forced OR reason <> ''", name="forced_has_reason"),
        CheckConstraint("replaced_id <> model_version_id", name="replaces_another"),
    )
