"""Changing the reference set, as it was when it was read, and reading it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field

from sqlalchemy.orm import Session

from nophoto.jobs.curation.candidates import Candidate
from nophoto.models.errors import NophotoError
from nophoto.models.records import references
from nophoto.models.records.database import Database
from nophoto.models.records.references import AddedReferences, NewReference, ReferenceRow
from nophoto.models.records.tables import ReferenceState


class SetChangedError(NophotoError):
    """The reference set has changed since somebody looked at it."""


@dataclass(frozen=True, slots=True)
class Addition:
    """What became of some candidates.

    Attributes:
        stored: what the database says of those that were added or known.
        refused: the others by name, each with its reason.
        set_version, set_size: of the reference set afterwards.
    """

    stored: AddedReferences
    set_version: int
    set_size: int
    refused: dict[str, str] = field(default_factory=dict)


def add_candidates(
    database: Database,
    candidates: Sequence[Candidate],
    *,
    note: str = "",
    by: str,
    force: bool = False,
    if_version: int | None = None,
) -> Addition:
    """Add candidates to the reference set, all of them as one version of it.

    One that would claim too many real pictures is refused; with `force` it is added, and its note
    says what spoke against it.

    Args:
        database: migrated.
        candidates: of `look_at`.
        note: kept with each of them, for people.
        by: who adds them.
        force: whether those are added too that would be refused.
        if_version: the version that the set must have; None for any.

    Raises:
        SetChangedError: if the set has another version.
    """
    new: list[NewReference] = []
    refused: dict[str, str] = {}
    for each in candidates:
        check, words = each.check, note
        if check.is_refused:
            objections = "; ".join(check.objections)
            if not force:
                refused[each.name] = f"{objections}. Look at the examples; --force adds it anyway"
                continue
            words = f"{note} [added by force: {objections}]".strip()
        new.append(
            NewReference(
                each.name,
                each.data,
                note=words,
                kind=check.kind,
                scope=check.scope,
                collection=each.collection,
            )
        )
    with database.transaction() as session, _unchanged(session, if_version):
        stored = references.add(session, new, by=by)
        current = references.active(session)
    return Addition(stored, current.version, len(current.members), refused)


def move_references(
    database: Database,
    ids: Sequence[int],
    state: ReferenceState,
    *,
    by: str,
    if_version: int | None = None,
) -> list[int]:
    """Move references to another state; see `references.retire`.

    Args:
        database: migrated.
        ids: which.
        state: they are to have.
        by: who moves them.
        if_version: the version that the set must have; None for any.

    Returns:
        Those that were in another state.

    Raises:
        SetChangedError: if the set has another version.
        UnknownReferenceError: if there is no reference of one of the ids.
    """
    change = {
        ReferenceState.ACTIVE: references.restore,
        ReferenceState.QUARANTINED: references.quarantine,
        ReferenceState.RETIRED: references.retire,
    }[state]
    with database.transaction() as session, _unchanged(session, if_version):
        return change(session, ids, by=by)


@contextmanager
def _unchanged(session: Session, version: int | None) -> Iterator[None]:
    """Make sure that a change in the block is the next one after `version` of the set."""
    if version is None:
        yield
        return
    before = references.current_version(session)
    if before == version:
        yield
        # Another change may have come between: the numbers of versions have no gaps.
        if references.current_version(session) <= version + 1:
            return
    raise SetChangedError(
        f"the reference set is not at version {version} any more; read it again, then decide again"
    )


def read_reference(database: Database, reference_id: int) -> tuple[ReferenceRow, bytes]:
    """What is known of a reference, and its file's bytes.

    Raises:
        UnknownReferenceError: if there is no such reference.
    """
    with database.reading() as session:
        picture = references.picture(session, reference_id)
        row = next(row for row in references.list_all(session) if row.id == reference_id)
    return row, picture


def as_dict(row: ReferenceRow) -> dict[str, object]:
    """The fields of `row`, its times in ISO 8601."""
    values = asdict(row)
    values["created_at"] = row.created_at.isoformat()
    values["retired_at"] = row.retired_at.isoformat() if row.retired_at else None
    values["changed_at"] = row.changed_at.isoformat()
    return values
