"""Adding to the reference set: only pictures that a worker will be able to read."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from nophoto.jobs.curation.read_pictures import read_pictures
from nophoto.models.records import references
from nophoto.models.records.database import Database
from nophoto.models.records.references import AddedReferences, NewReference, ReferenceRow
from nophoto.models.vision.pictures import PictureLimits
from nophoto.worker.decoding.pool import Decoders


@dataclass(frozen=True, slots=True)
class Addition:
    """What became of the files of one `add_files`.

    Attributes:
        stored: what the database says of those that are pictures.
        refused: the others by name, each with its reason.
        set_version, set_size: of the reference set afterwards.
    """

    stored: AddedReferences
    set_version: int
    set_size: int
    refused: dict[str, str] = field(default_factory=dict)


def add_files(
    database: Database,
    files: Sequence[Path],
    decoders: Decoders,
    *,
    note: str = "",
    by: str,
    limits: PictureLimits,
) -> Addition:
    """Add the pictures in `files` to the reference set, all of them as one version of it.

    A file that is no picture is refused alone: as a reference it would match nothing.

    Args:
        database: migrated.
        files: local files; a reference is called as its file is.
        decoders: decode them.
        note: kept with each of them, for people.
        by: who adds them.
        limits: of the workers that will read the pictures.
    """
    pictures, refused = read_pictures(files, limits, decoders)
    new = [NewReference(file.name, data, note=note) for file, data in pictures]
    return _store(database, new, by, refused)


def add_tried(database: Database, picture: NewReference, by: str) -> Addition:
    """Add a picture that was decoded already, as `add_files` adds those of files."""
    return _store(database, [picture], by, {})


def _store(
    database: Database, pictures: Sequence[NewReference], by: str, refused: dict[str, str]
) -> Addition:
    with database.transaction() as session:
        stored = references.add(session, pictures, by=by)
        current = references.active(session)
    return Addition(stored, current.version, len(current.members), refused)


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
