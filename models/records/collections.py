"""Collections: what each part of the uploads is judged by, told to, and kept for."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from nophoto.models.errors import NophotoError
from nophoto.models.records import clock
from nophoto.models.records.access import audit
from nophoto.models.records.dialects import insert
from nophoto.models.records.notifications import outbox
from nophoto.models.records.references import note_calibration
from nophoto.models.records.tables import AuditAction, Collection
from nophoto.models.records.tables.collections import DEFAULT, no_such_collection
from nophoto.models.vocabulary import Kind, KindMode

__all__ = [
    "DEFAULT",
    "CollectionError",
    "CollectionRow",
    "UnknownCollectionError",
    "add",
    "change",
    "changes_verdicts",
    "get",
    "list_all",
    "names",
]

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")

_JUDGES = ("false_positive_rate", "kinds", "review_low", "review_high")
"""Settings that verdicts depend on."""


class CollectionError(NophotoError):
    """A collection cannot be as it is asked for."""


class UnknownCollectionError(NophotoError):
    """No collection has this name."""


@dataclass(frozen=True, slots=True)
class CollectionRow:
    """The settings of one collection; None is as in the installation's.

    Attributes:
        name: by which uploads name it.
        false_positive_rate: share of real pictures that may be called placeholders.
        kinds: what kinds claim; those that are missing are as in the installation's settings.
        review_low, review_high: the scores between which verdicts are marked for review.
        webhook: the name of the endpoint of NOPHOTO_WEBHOOKS that is told of its outcomes.
        uploads_days: after which an upload is erased; None: never.
        scores_days: after which all but the newest score of an upload go.
        cohort_days: after which its pictures leave the cohort; None: never.
    """

    name: str
    false_positive_rate: float | None = None
    kinds: Mapping[Kind, KindMode] = field(default_factory=dict)
    review_low: float | None = None
    review_high: float | None = None
    webhook: str | None = None
    uploads_days: float | None = None
    scores_days: float | None = None
    cohort_days: float | None = None

    @property
    def band(self) -> tuple[float, float] | None:
        """The scores between which verdicts are marked for review; None: as calibrated."""
        if self.review_low is None or self.review_high is None:
            return None
        return self.review_low, self.review_high

    def as_dict(self) -> dict[str, Any]:
        """In plain values."""
        return asdict(self) | {"kinds": {str(kind): str(mode) for kind, mode in self.kinds.items()}}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "CollectionRow":
        """What `as_dict` gave."""
        kinds = {Kind(kind): KindMode(mode) for kind, mode in (values["kinds"] or {}).items()}
        return cls(**{**values, "kinds": kinds})


_COLUMNS = (
    Collection.name,
    Collection.false_positive_rate,
    Collection.kinds,
    Collection.review_low,
    Collection.review_high,
    Collection.webhook,
    Collection.uploads_days,
    Collection.scores_days,
    Collection.cohort_days,
)


def names(session: Session) -> set[str]:
    """Of all collections."""
    return set(session.scalars(select(Collection.name)))


def list_all(session: Session) -> list[CollectionRow]:
    """Every collection, by name."""
    rows = session.execute(select(*_COLUMNS).order_by(Collection.name)).mappings()
    return [CollectionRow.from_dict(dict(row)) for row in rows]


def get(session: Session, name: str) -> CollectionRow:
    """The collection of this name.

    Raises:
        UnknownCollectionError: if there is none; it names the nearest.
    """
    if not name.isprintable():  # PostgreSQL takes no NUL, not even to look for it
        raise UnknownCollectionError("no collection has such a name")
    row = session.execute(select(*_COLUMNS).where(Collection.name == name)).mappings().first()
    if row is None:
        raise UnknownCollectionError(no_such_collection(name, names(session)))
    return CollectionRow.from_dict(dict(row))


def add(session: Session, wanted: CollectionRow, *, by: str) -> None:
    """Add a collection.

    Raises:
        CollectionError: if the name cannot be taken, or is.
    """
    if not _NAME.fullmatch(wanted.name):
        raise CollectionError(
            f"{wanted.name!r:.100} is not a name for a collection; use at most 32 small letters, "
            "digits, `-`, `_` and `.`, a letter or digit first"
        )
    _check(wanted)
    now = clock.now(session)
    statement = (
        insert(session, Collection)
        .values(**_values(wanted), created_at=now, changed_at=now)
        .on_conflict_do_nothing(index_elements=[Collection.name])
        .returning(Collection.name)
    )
    if session.scalar(statement) is None:
        raise CollectionError(
            f"there is a collection {wanted.name} already; `nophoto collections set {wanted.name}` "
            "changes it"
        )
    _follow(session, CollectionRow(wanted.name), wanted, "added", by, is_new=True)


def change(session: Session, wanted: CollectionRow, *, by: str) -> CollectionRow:
    """Give a collection other settings, and return those before.

    Raises:
        CollectionError: if they cannot be taken.
        UnknownCollectionError: if there is none of this name.
    """
    _check(wanted)
    session.execute(select(Collection.name).where(Collection.name == wanted.name).with_for_update())
    before = get(session, wanted.name)
    if before == wanted:
        return before
    session.execute(
        update(Collection)
        .where(Collection.name == wanted.name)
        .values(**_values(wanted), changed_at=clock.now(session))
        .execution_options(synchronize_session=False)
    )
    _follow(session, before, wanted, "changed", by)
    return before


def changes_verdicts(before: CollectionRow, after: CollectionRow) -> bool:
    """Whether the same picture may get another verdict."""
    return any(getattr(before, name) != getattr(after, name) for name in _JUDGES)


def _follow(
    session: Session,
    before: CollectionRow,
    after: CollectionRow,
    how: str,
    by: str,
    *,
    is_new: bool = False,
) -> None:
    old, new = before.as_dict(), after.as_dict()
    changed = {name: [old[name], new[name]] for name in new if old[name] != new[name]}
    audit.note(
        session, AuditAction.COLLECTION, by, subject=after.name, details={how: changed or {}}
    )
    if is_new or changes_verdicts(before, after):
        # Every worker follows a version of the set, and every verdict names the one that it rests
        # on.
        note_calibration(session, by=by)
    if after.webhook and after.webhook != before.webhook:
        outbox.subscribe(session, [f"webhook:{after.webhook}"])


def _values(row: CollectionRow) -> dict[str, Any]:
    values = row.as_dict()
    return values | {"kinds": values["kinds"] or None}


def _check(row: CollectionRow) -> None:
    rate = row.false_positive_rate
    if rate is not None and not 0 <= rate <= 1:
        raise CollectionError(f"the false-positive rate {rate:g} is not a share from 0 to 1")
    if (row.review_low is None) != (row.review_high is None):
        raise CollectionError("name both ends of the review band, or neither")
    if row.band is not None and not row.band[0] <= 0 <= row.band[1]:
        low, high = row.band
        raise CollectionError(f"the review band from {low:g} to {high:g} does not hold the score 0")
    for name in ("uploads_days", "scores_days", "cohort_days"):
        days = getattr(row, name)
        if days is not None and not days > 0:
            raise CollectionError(f"{name.replace('_', ' ')} takes a number above 0, not {days:g}")
