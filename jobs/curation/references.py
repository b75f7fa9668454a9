"""Adding to the reference set: only pictures that a worker can read, and that do little harm."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from sqlalchemy.orm import Session

from nophoto.jobs.curation.preview import Preview
from nophoto.jobs.curation.reference_check import ReferenceCheck, check_reference
from nophoto.models.errors import NophotoError
from nophoto.models.records import collections, references
from nophoto.models.records.collections import DEFAULT
from nophoto.models.records.database import Database
from nophoto.models.records.references import AddedReferences, NewReference, ReferenceRow
from nophoto.models.records.tables import ReferenceState
from nophoto.models.vision.pictures import PictureError
from nophoto.models.vocabulary import Kind
from nophoto.worker.decoding.pool import Decoders
from nophoto.worker.matching.active_judge import ActiveJudge
from nophoto.worker.settings import Settings
from nophoto.worker.storage.storage import Storage, limits_of


class SetChangedError(NophotoError):
    """The reference set has changed since somebody looked at it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A picture that may become a reference.

    Attributes:
        name: what it is to be called.
        data: its file's bytes.
        check: what it would do.
        collection: whose uploads alone it is to claim.
    """

    name: str
    data: bytes
    check: ReferenceCheck
    collection: str | None = None


@dataclass(frozen=True, slots=True)
class Candidates:
    """What `look_at` made of some files: pictures, and by name why others are none."""

    pictures: list[Candidate]
    refused: dict[str, str]


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


def look_at(
    database: Database,
    files: Sequence[Path],
    settings: Settings,
    decoders: Decoders,
    *,
    kind: Kind = Kind.OWN,
    photo: bool = False,
    collection: str | None = None,
) -> Candidates:
    """What the pictures in `files` would do as references; nothing is added.

    Args:
        database: migrated, with a model version that judges.
        files: local files; a reference is called as its file is.
        settings: limits, and the share of real pictures that one may claim.
        decoders: decode them.
        kind: what sort of pictures they are.
        photo: whether they are to claim their copies alone.
        collection: whose uploads alone they are to claim; None: those of all.

    Raises:
        UnknownCollectionError: if there is no such collection.
        NoActiveModelError: if no model version judges.
    """
    if collection is not None:
        with database.reading() as session:
            collections.get(session, collection)
    judge = ActiveJudge(database, settings, decoders)
    trial = Preview(judge, decoders, collection or DEFAULT)
    # The caller, who may do so, names the file: the roots bind uploads, which strangers name.
    storage = Storage(("/",), limits_of(settings))
    found = Candidates([], {})
    for file in files:
        try:
            data = storage.read(str(file.absolute()))
            candidate = look_at_bytes(
                database,
                file.name,
                data,
                settings,
                trial,
                kind=kind,
                photo=photo,
                collection=collection,
            )
        except PictureError as error:
            found.refused[str(file)] = f"{error.code}: {error}"
            continue
        found.pictures.append(candidate)
    return found


def look_at_bytes(
    database: Database,
    name: str,
    data: bytes,
    settings: Settings,
    trial: Preview,
    *,
    kind: Kind = Kind.OWN,
    photo: bool = False,
    collection: str | None = None,
) -> Candidate:
    """What the picture in `data` would do as a reference called `name`; see `look_at`.

    Raises:
        NoActiveModelError: if no model version judges.
        PictureError: if it is not a picture that can be judged.
    """
    tried = trial.run(data, collection)
    check = check_reference(
        database,
        tried,
        trial.current(collection),
        settings,
        kind=kind,
        photo=photo,
        collection=collection,
    )
    return Candidate(name, data, check, collection)


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
