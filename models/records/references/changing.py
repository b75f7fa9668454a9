"""Changing the reference set; each change is one version of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from sqlalchemy import exists, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from nophoto.models.records import clock
from nophoto.models.records.chunks import chunks
from nophoto.models.records.dialects import insert as dialect_insert
from nophoto.models.records.references.reading import (
    MEMBER,
    Member,
    current_version,
    member_of,
    unknown,
)
from nophoto.models.records.tables import (
    Reference,
    ReferenceCollection,
    ReferenceOrigin,
    ReferenceSetChange,
    ReferenceSetVersion,
    ReferenceState,
    SetChange,
)
from nophoto.models.records.text import storable
from nophoto.models.vocabulary import Kind, ReferenceScope

MAX_NAME = 255
"""Characters of a name that are kept."""


@dataclass(frozen=True, slots=True)
class NewReference:
    """A placeholder picture to add: its file's bytes, and a name for people.

    Attributes:
        kind: what sort of picture it is.
        scope: whether it claims all of that, or only changed copies of itself.
        collection: whose uploads alone it claims; None for those of all.
    """

    name: str
    picture: bytes
    origin: ReferenceOrigin = ReferenceOrigin.ADDED
    note: str = ""
    kind: Kind = Kind.OWN
    scope: ReferenceScope = ReferenceScope.KIND
    collection: str | None = None


@dataclass(frozen=True, slots=True)
class AddedReferences:
    """What became of the pictures of one `add`; the same bytes twice count once.

    Attributes:
        added: those that are new.
        known: those whose bytes an active reference has already.
        quarantined, retired: those whose bytes such a reference has, which stays so until
            `restore`.
    """

    added: list[Member] = field(default_factory=list)
    known: list[Member] = field(default_factory=list)
    quarantined: list[Member] = field(default_factory=list)
    retired: list[Member] = field(default_factory=list)


def add(session: Session, references: Sequence[NewReference], *, by: str = "") -> AddedReferences:
    """Add pictures to the set, all of them as one version; without a new one there is none.

    Args:
        session: of the change.
        references: the pictures.
        by: who adds them, as in each change.
    """
    now = clock.now(session)
    # In one order, so that two callers with the same pictures wait for each other, never in a ring.
    pictures = {sha256(reference.picture).hexdigest(): reference for reference in references}
    rows = [_row(digest, pictures[digest], now) for digest in sorted(pictures)]
    if not rows:
        return AddedReferences()
    statement = (
        dialect_insert(session, Reference)
        .on_conflict_do_nothing(index_elements=[Reference.digest])
        .returning(Reference.id)
    )
    new = set(session.scalars(statement, rows))
    version = _make_version(session, SetChange.ADDED, sorted(new), now, by) if new else None
    _link(session, pictures, new, version, now, by)

    result = AddedReferences()
    of_state = {
        ReferenceState.ACTIVE: result.known,
        ReferenceState.QUARANTINED: result.quarantined,
        ReferenceState.RETIRED: result.retired,
    }
    for some in chunks(list(pictures)):
        query = select(Reference.state, *MEMBER).where(Reference.digest.in_(some))
        for state, *row in session.execute(query.order_by(Reference.id)):
            member = member_of(row)
            (result.added if member.id in new else of_state[state]).append(member)
    return result


def _link(
    session: Session,
    pictures: Mapping[str, NewReference],
    new: Collection[int],
    version: int | None,
    now: datetime,
    by: str,
) -> None:
    """Let references claim of the collections that they came for.

    A new one claims of that alone. A known one that claims of some claims of one more; one that
    claims of all goes on doing so.
    """
    wanted = {digest: each.collection for digest, each in pictures.items() if each.collection}
    rows = []
    for some in chunks(sorted(wanted)):
        is_of_some = exists().where(ReferenceCollection.reference_id == Reference.id)
        query = select(Reference.id, Reference.digest, is_of_some)
        for reference_id, digest, of_some in session.execute(
            query.where(Reference.digest.in_(some)).order_by(Reference.id)
        ):
            if reference_id in new or of_some:
                rows.append({"reference_id": reference_id, "collection": wanted[digest]})
    if not rows:
        return
    known = [row for row in rows if row["reference_id"] not in new]
    if known:
        version = _make_version(session, SetChange.CALIBRATED, [], now, by)
    linked = dialect_insert(session, ReferenceCollection).on_conflict_do_nothing()
    session.execute(linked, [row | {"version": version} for row in rows])


def quarantine(session: Session, ids: Sequence[int], *, by: str = "") -> list[int]:
    """Let these references flag nothing by themselves: what they match is held for review.

    Returns:
        The ids that this call quarantined, as one version of the set; the others were quarantined
        already.

    Raises:
        UnknownReferenceError: if there is no reference of one of the ids; none is quarantined then.
    """
    return _move(session, ids, SetChange.QUARANTINED, ReferenceState.QUARANTINED, by)


def retire(session: Session, ids: Sequence[int], *, by: str = "") -> list[int]:
    """Compare no upload with these references any more.

    Returns:
        The ids that this call retired, as one version of the set; the others were retired already.

    Raises:
        UnknownReferenceError: if there is no reference of one of the ids; none is retired then.
    """
    return _move(session, ids, SetChange.RETIRED, ReferenceState.RETIRED, by)


def restore(session: Session, ids: Sequence[int], *, by: str = "") -> list[int]:
    """Let retired and quarantined references flag what they match again.

    Returns:
        The ids that this call restored, as one version of the set; the others were active already.

    Raises:
        UnknownReferenceError: if there is no reference of one of the ids; none is restored then.
    """
    return _move(session, ids, SetChange.RESTORED, ReferenceState.ACTIVE, by)


def note_calibration(session: Session, *, by: str = "") -> int:
    """Make a version of the set for reaches that rest on another cohort; return its number."""
    return _make_version(session, SetChange.CALIBRATED, [], clock.now(session), by)


def _row(digest: str, reference: NewReference, now: datetime) -> dict[str, object]:
    return {
        "digest": digest,
        "name": storable(reference.name)[:MAX_NAME],
        "picture": reference.picture,
        "origin": reference.origin,
        "note": storable(reference.note),
        "kind": reference.kind,
        "scope": reference.scope,
        "created_at": now,
    }


def _move(
    session: Session,
    ids: Sequence[int],
    change: SetChange,
    state: ReferenceState,
    by: str,
) -> list[int]:
    now = clock.now(session)
    retired_at = now if state == ReferenceState.RETIRED else None
    changed: list[int] = []
    for some in chunks(sorted(set(ids))):
        query = select(Reference.id, Reference.state).where(Reference.id.in_(some))
        rows = session.execute(query.order_by(Reference.id).with_for_update()).all()
        found = dict(rows)
        if missing := [reference_id for reference_id in some if reference_id not in found]:
            raise unknown(missing)
        changed += [reference_id for reference_id, current in rows if current != state]
    for some in chunks(changed):
        session.execute(
            update(Reference)
            .where(Reference.id.in_(some))
            .values(state=state, retired_at=retired_at)
            .execution_options(synchronize_session=False)
        )
    if changed:
        _make_version(session, change, changed, now, by)
    return changed


def _make_version(
    session: Session, change: SetChange, ids: Sequence[int], now: datetime, by: str
) -> int:
    version = _insert_version(session, change, now, by)
    rows = [{"version": version, "reference_id": reference_id} for reference_id in ids]
    if rows:
        session.execute(insert(ReferenceSetChange), rows)
    return version


def _insert_version(session: Session, change: SetChange, now: datetime, by: str) -> int:
    count = select(func.count()).where(Reference.state == ReferenceState.ACTIVE)
    while True:
        version = current_version(session) + 1
        values = {
            "version": version,
            "at": now,
            "change": change,
            "by": storable(by)[:MAX_NAME],
            "reference_count": count.scalar_subquery(),
        }
        try:
            # Waits for a transaction that inserts the same number, and fails if it commits.
            with session.begin_nested():
                session.execute(insert(ReferenceSetVersion).values(values))
        except IntegrityError:
            continue
        return version
