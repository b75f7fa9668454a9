"""What every table shares: names of constraints, UTC timestamps, closed sets of words."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    Double,
    Enum,
    Identity,
    Integer,
    MetaData,
    String,
    Text,
    TypeDecorator,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column

from nophoto.models.reasons import Reason, decode, encode


class ReasonText(TypeDecorator[Reason]):
    """A reason, as one JSON document of code and parameters.

    Both stand in the one column that older workers write their sentences to, so that a row never
    holds the sentence of one worker beside the parameters of another.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Reason | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """The document."""
        return None if value is None else encode(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Reason | None:  # noqa: ARG002
        """The reason; a sentence of an older worker too."""
        return None if value is None else decode(value)


class UtcDateTime(TypeDecorator[datetime]):
    """A timestamp with a time zone, always UTC in Python.

    SQLite has no time zones: there the UTC time is stored as text, which sorts by time.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Refuse a naive timestamp; convert any other to UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; use clock.now(session)")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Read as UTC, whatever the time zone of the database session."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def one_of(words: type[StrEnum], name: str) -> Enum:
    """A string column that a CHECK named `name` holds to `words`.

    No native enum of PostgreSQL: SQLite has none, and a value can be taken out of a CHECK again.
    """
    return Enum(
        words,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=32 if max(map(len, words)) > 16 else 16,
        values_callable=lambda members: [member.value for member in members],
    )


RowId = Annotated[
    int,
    # SQLite numbers rows by itself only where the type is exactly INTEGER.
    mapped_column(BigInteger().with_variant(Integer, "sqlite"), Identity(), primary_key=True),
]
"""A 64-bit number that the database gives out."""

Digest = Annotated[str, mapped_column(String(64))]
"""SHA-256 in hexadecimal."""


class Base(DeclarativeBase):
    """The base of every table."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "ix": "ix_%(table_name)s_%(column_0_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 -- a ClassVar here is not read by SQLAlchemy's plugin
        datetime: UtcDateTime,
        float: Double,
        Reason: ReasonText,
        dict[str, Any]: JSON(none_as_null=True).with_variant(
            JSONB(none_as_null=True), "postgresql"
        ),
    }
