"""Adding to the reference set: only pictures that a worker will be able to read."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from models.records import references
from models.records.database import Database
from models.records.references import AddedReferences, NewReference, ReferenceRow
from models.vision.pictures import PictureError, PictureLimits, decode
from worker.storage import Storage

_LOOKED_AT = 224  # JPEGs are decoded no larger than a network looks at them


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
    database: Database, files: Sequence[Path], *, note: str = "", limits: PictureLimits
) -> Addition:
    """Add the pictures in `files` to the reference set, all of them as one version of it.

    A file that is no picture is refused alone: as a reference it would match nothing.

    Args:
        database: migrated.
        files: local files; a reference is called as its file is.
        note: kept with each of them, for people.
        limits: of the workers that will read the pictures.
    """
    # Whoever may add references names the file: the roots bind uploads, which strangers name.
    storage = Storage(("/",), limits)
    pictures: list[NewReference] = []
    refused: dict[str, str] = {}
    for file in files:
        try:
            data = storage.read(str(file.absolute()))
            decode(data, at_least=_LOOKED_AT, limits=limits)
        except PictureError as error:
            refused[str(file)] = f"{error.code}: {error}"
        else:
            pictures.append(NewReference(file.name, data, note=note))
    with database.transaction() as session:
        stored = references.add(session, pictures)
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
    return values
