"""Pictures that may become references, and what each would do; nothing is added."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nophoto.jobs.curation.preview import Preview
from nophoto.jobs.curation.reference_check import ReferenceCheck, check_reference
from nophoto.models.records import collections
from nophoto.models.records.collections import DEFAULT
from nophoto.models.records.database import Database
from nophoto.models.vision.pictures import PictureError
from nophoto.models.vocabulary import Kind
from nophoto.worker.decoding.pool import Decoders
from nophoto.worker.matching.active_judge import ActiveJudge
from nophoto.worker.settings import Settings
from nophoto.worker.storage.storage import Storage, limits_of


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
