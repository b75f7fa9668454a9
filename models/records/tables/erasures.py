"""The table of erasures that may have left something."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped

from nophoto.models.records.tables.base import Base, RowId


class Erasure(Base):
    """Uploads that were erased a moment ago, by the ids that their rows had.

    A process that read them before may still write a little of them, or make a copy. Sweeps remove
    that, and after an hour this row.
    """

    __tablename__ = "erasures"

    id: Mapped[RowId]
    at: Mapped[datetime]
    uploads: Mapped[dict[str, Any]]
    """`ids`: of the rows."""
