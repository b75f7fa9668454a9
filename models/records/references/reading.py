"""Reading the reference set: its members now and at any version, and their pictures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Subquery, func, select, true
from sqlalchemy.orm import Session

from nophoto.models.errors import NophotoError
from nophoto.models.records.tables import (
    Reference,
    ReferenceCollection,
    ReferenceOrigin,
    ReferenceSetChange,
    ReferenceSetVersion,
    ReferenceState,
    SetChange,
    Upload,
)
from nophoto.models.vocabulary import Kind, ReferenceScope


class UnknownReferenceError(NophotoError):
    """No reference of this id is in the database."""


@dataclass(frozen=True, slots=True)
class Member:
    """A reference, without its bytes.

    Attributes:
        collections: whose uploads it claims; empty for those of all.
    """

    id: int
    digest: str
    name: str
    kind: Kind = Kind.OWN
    scope: ReferenceScope = ReferenceScope.KIND
    collections: frozenset[str] = frozenset()

    def claims_of(self, collection: str) -> bool:
        """Whether uploads of a collection are compared with it."""
        return not self.collections or collection in self.collections


@dataclass(frozen=True, slots=True)
class ActiveSet:
    """The reference set as it stands at `version`, ordered by id.

    Attributes:
        version: of the set.
        members: the references that flag what they match.
        quarantined: those that only hold it for review.
        retired: those that do neither any more.
    """

    version: int
    members: list[Member]
    quarantined: list[Member] = field(default_factory=list)
    retired: list[Member] = field(default_factory=list)

    @property
    def all_members(self) -> list[Member]:
        """All of them."""
        return [*self.members, *self.quarantined, *self.retired]


@dataclass(frozen=True, slots=True)
class ReferenceRow:
    """A reference as people see it.

    Attributes:
        kind, scope: what sort of picture it is, and whether it claims all of that or its copies.
        matches: for so many uploads it is the nearest one now.
        changed_at, changed_by: when it became what it is, and who made it that; empty where
            nobody said so.
    """

    id: int
    digest: str
    name: str
    origin: ReferenceOrigin
    state: ReferenceState
    kind: Kind
    scope: ReferenceScope
    created_at: datetime
    retired_at: datetime | None
    note: str
    matches: int
    changed_at: datetime
    changed_by: str


MEMBER = (Reference.id, Reference.digest, Reference.name, Reference.kind, Reference.scope)
"""The columns of a `Member`."""


def current_version(session: Session) -> int:
    """The version of the reference set; 0 before the first change."""
    return session.scalar(select(func.max(ReferenceSetVersion.version))) or 0


def active(session: Session) -> ActiveSet:
    """The version and its members, both from one moment."""
    # One statement is one snapshot, whatever the isolation level; two would be two.
    newest = select(func.max(ReferenceSetVersion.version).label("version")).subquery()
    query = (
        select(newest.c.version, Reference.state, *MEMBER)
        .select_from(newest)
        .outerjoin(Reference, true())
        .order_by(Reference.id)
    )
    rows = session.execute(query).all()
    found = ActiveSet(rows[0].version or 0, [])
    for row in rows:
        if row.id is not None:
            of_state = {
                ReferenceState.ACTIVE: found.members,
                ReferenceState.QUARANTINED: found.quarantined,
                ReferenceState.RETIRED: found.retired,
            }
            of_state[row.state].append(member_of(row[2:]))
    return _with_collections(session, found)


def set_at(session: Session, version: int) -> ActiveSet:
    """The reference set as it stood at `version`."""
    last_change = _last_changes(ReferenceSetChange.version <= version)
    query = (
        select(ReferenceSetVersion.change, *MEMBER)
        .join(last_change, last_change.c.reference_id == Reference.id)
        .join(ReferenceSetVersion, ReferenceSetVersion.version == last_change.c.version)
        .order_by(Reference.id)
    )
    found = ActiveSet(version, [])
    of_change = {SetChange.QUARANTINED: found.quarantined, SetChange.RETIRED: found.retired}
    for change, *member in session.execute(query):
        of_change.get(change, found.members).append(member_of(member))
    return _with_collections(session, found)


def _with_collections(session: Session, found: ActiveSet) -> ActiveSet:
    query = select(ReferenceCollection.reference_id, ReferenceCollection.collection)
    of: dict[int, set[str]] = {}
    for reference_id, collection in session.execute(
        query.where(ReferenceCollection.version <= found.version)
    ):
        of.setdefault(reference_id, set()).add(collection)
    if not of:
        return found

    def known(members: list[Member]) -> list[Member]:
        return [
            replace(member, collections=frozenset(of[member.id])) if member.id in of else member
            for member in members
        ]

    return ActiveSet(
        found.version, known(found.members), known(found.quarantined), known(found.retired)
    )


def member_of(columns: Sequence[Any]) -> Member:
    """The member that the columns `MEMBER` tell of."""
    return Member(*columns)


def picture(session: Session, reference_id: int) -> bytes:
    """The bytes of a reference's file, as they were added.

    Raises:
        UnknownReferenceError: if there is no such reference.
    """
    found = session.scalar(select(Reference.picture).where(Reference.id == reference_id))
    if found is None:
        raise unknown([reference_id])
    return found


def name(session: Session, reference_id: int) -> str | None:
    """What a reference is called; None where there is no such reference."""
    return session.scalar(select(Reference.name).where(Reference.id == reference_id))


def list_all(session: Session) -> list[ReferenceRow]:
    """Every reference, quarantined and retired ones too, ordered by id."""
    last_change = _last_changes(true())
    matches = (
        select(Upload.nearest_reference_id, func.count().label("matches"))
        .where(Upload.nearest_reference_id.is_not(None))
        .group_by(Upload.nearest_reference_id)
        .subquery()
    )
    query = (
        select(
            Reference.id,
            Reference.digest,
            Reference.name,
            Reference.origin,
            Reference.state,
            Reference.kind,
            Reference.scope,
            Reference.created_at,
            Reference.retired_at,
            Reference.note,
            func.coalesce(matches.c.matches, 0),
            ReferenceSetVersion.at,
            ReferenceSetVersion.by,
        )
        .join(last_change, last_change.c.reference_id == Reference.id)
        .join(ReferenceSetVersion, ReferenceSetVersion.version == last_change.c.version)
        .outerjoin(matches, matches.c.nearest_reference_id == Reference.id)
        .order_by(Reference.id)
    )
    rows: Iterable[Any] = session.execute(query)
    return [ReferenceRow(*row) for row in rows]


def _last_changes(of: ColumnElement[bool]) -> Subquery:
    """The version that changed each reference last, among those that meet `of`."""
    return (
        select(
            ReferenceSetChange.reference_id,
            func.max(ReferenceSetChange.version).label("version"),
        )
        .where(of)
        .group_by(ReferenceSetChange.reference_id)
        .subquery()
    )


def unknown(ids: list[int]) -> UnknownReferenceError:
    """The error that names `ids`."""
    named = ", ".join(map(str, ids))
    return UnknownReferenceError(
        f"no reference has the id {named}; `nophoto references list` shows those there are"
    )
