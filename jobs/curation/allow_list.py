"""Adding to the allow-list, by files, by digests and by what was uploaded."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

from sqlalchemy import select

from nophoto.jobs.curation.read_pictures import read_pictures
from nophoto.models.errors import NophotoError
from nophoto.models.records import collections
from nophoto.models.records.database import Database
from nophoto.models.records.matching import allow_list
from nophoto.models.records.matching.allow_list import NewAllowedPicture
from nophoto.models.records.tables import Upload
from nophoto.models.vision.pictures import PictureLimits
from nophoto.worker.decoding.pool import Decoders

_DIGEST = re.compile(r"[0-9a-f]{64}")


class AllowError(NophotoError):
    """What was named cannot be allowed."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What became of one `allow`.

    Attributes:
        added: ids of the new members.
        known: how many were on the list already.
        refused: files that are not pictures, each with its reason.
    """

    added: list[int]
    known: int
    refused: dict[str, str] = field(default_factory=dict)


def from_files(
    files: Sequence[Path],
    reason: str,
    limits: PictureLimits,
    decoders: Decoders,
    *,
    look_alikes: bool,
) -> tuple[list[NewAllowedPicture], dict[str, str]]:
    """The pictures in local files, and by name why some are none."""
    pictures, refused = read_pictures(files, limits, decoders)
    allowed = [
        from_bytes(file.name, data, reason, look_alikes=look_alikes) for file, data in pictures
    ]
    return allowed, refused


def from_bytes(name: str, data: bytes, reason: str, *, look_alikes: bool) -> NewAllowedPicture:
    """The picture in `data`, the bytes of a file that was decoded already."""
    kept = data if look_alikes else None
    return NewAllowedPicture(sha256(data).hexdigest(), name, reason, kept, look_alikes)


def from_digests(digests: Sequence[str], reason: str) -> list[NewAllowedPicture]:
    """The pictures of these SHA-256 digests.

    Raises:
        AllowError: if one is no digest.
    """
    for digest in digests:
        if not _DIGEST.fullmatch(digest.lower()):
            raise AllowError(f"{digest!r} is no SHA-256; write 64 hexadecimal digits")
    return [NewAllowedPicture(digest.lower(), digest[:12], reason) for digest in digests]


def from_uploads(database: Database, keys: Sequence[str], reason: str) -> list[NewAllowedPicture]:
    """The pictures of these uploads, as they were when they were judged.

    Raises:
        AllowError: if there is no upload of a key, or its picture was never read.
    """
    with database.reading() as session:
        query = select(Upload.key, Upload.digest).where(Upload.key.in_(keys))
        digests = dict(session.execute(query).all())
    pictures = []
    for key in keys:
        digest = digests.get(key)
        if digest is None:
            what = "was not read yet" if key in digests else "is not known"
            raise AllowError(f"the upload {key!r} {what}; name its file instead")
        pictures.append(NewAllowedPicture(digest, key, reason))
    return pictures


def allow(
    database: Database,
    pictures: Sequence[NewAllowedPicture],
    refused: dict[str, str],
    collection: str | None = None,
) -> Allowance:
    """Put pictures on the allow-list: of all collections, or of one.

    Raises:
        UnknownCollectionError: if there is no such collection.
    """
    with database.transaction() as session:
        if collection is not None:
            collections.get(session, collection)
            pictures = [replace(new, collection=collection) for new in pictures]
        added = allow_list.add(session, pictures)
    return Allowance(added, len({new.digest for new in pictures}) - len(added), refused)
