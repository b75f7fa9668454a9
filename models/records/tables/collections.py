"""The tables of collections."""

from collections.abc import Iterable
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from nophoto.models.records.tables.base import Base

DEFAULT = "default"
"""The collection of uploads that name none."""


def no_such_collection(name: str, known: Iterable[str]) -> str:
    """The sentence that says that there is no such collection, and which may be meant."""
    near = get_close_matches(name, sorted(known), n=1, cutoff=0.4)
    meant = f"did you mean {near[0]!r}? " if near else ""
    return (
        f"there is no collection {name!r:.100}; {meant}`nophoto collections list` shows those "
        "there are, `nophoto collections add NAME` adds one"
    )


class Collection(Base):
    """A part of the uploads that is judged by settings of its own.

    What is absent is as in the settings of the installation. No foreign key leads here from the
    uploads: each would be looked up as a million of them arrive.
    """

    __tablename__ = "collections"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    false_positive_rate: Mapped[float | None]
    kinds: Mapped[dict[str, Any] | None]
    """What kinds claim here, by kind; those that are missing as in the settings."""
    review_low: Mapped[float | None]
    """The lowest score that is marked for review; with `review_high` in the calibrated band's
    place."""
    review_high: Mapped[float | None]
    webhook: Mapped[str | None] = mapped_column(String(32))
    """The name of the endpoint that is told of its outcomes, in the place of the common ones."""
    uploads_days: Mapped[float | None]
    """After which an upload is erased."""
    scores_days: Mapped[float | None]
    """After which all of an upload's scores but the newest go."""
    cohort_days: Mapped[float | None]
    """After which its pictures leave the cohort."""
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("name <> ''", name="named"),
        CheckConstraint("false_positive_rate BETWEEN 0 AND 1", name="rate_is_share"),
        CheckConstraint(
            "(review_low IS NULL) = (review_high IS NULL)"
            " AND (review_low IS NULL OR (review_low <= 0 AND review_high >= 0))",
            name="review_band_around_zero",
        ),
        CheckConstraint(
            "(uploads_days IS NULL OR uploads_days > 0)"
            " AND (scores_days IS NULL OR scores_days > 0)"
            " AND (cohort_days IS NULL OR cohort_days > 0)",
            name="days_positive",
        ),
    )


class ReferenceCollection(Base):
    """A collection that a reference claims uploads of; one without such a row claims any.

    `version` is that of the set that it came with: a set is read as it stood.
    """

    __tablename__ = "reference_collections"

    reference_id: Mapped[int] = mapped_column(ForeignKey("references.id"), primary_key=True)
    collection: Mapped[str] = mapped_column(ForeignKey("collections.name"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
