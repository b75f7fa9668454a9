"""The table of counts of refused uploads."""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from nophoto.models.records.tables.base import Base, one_of
from nophoto.models.vocabulary import RefusalCode


class RefusalCount(Base):
    """How many uploads were refused for one reason, by whatever door they came."""

    __tablename__ = "refusal_counts"

    code: Mapped[RefusalCode] = mapped_column(one_of(RefusalCode, "code"), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)
    last_at: Mapped[datetime]
