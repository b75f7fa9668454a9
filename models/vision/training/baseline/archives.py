"""Unpacks ZIP archives of pictures that come from anywhere."""

import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath, PureWindowsPath

from nophoto.models.errors import NophotoError
from nophoto.models.vision.pictures.limits import DEFAULT_LIMITS

MOST_FILES = 20_000
"""In one archive."""

MOST_BYTES = 4 * 2**30
"""Of all files of one archive, unpacked."""

DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,  # cut short
    NotImplementedError,  # compressed by a method that Python does not know
    RuntimeError,  # encrypted
    OSError,  # the same name for a file and a folder; the disk is full
)

_PIECE = 2**20


class ArchiveError(NophotoError):
    """An archive is damaged, or was made to do harm."""


def unpack(archive: Path, folder: Path) -> None:
    """Write the files of a ZIP archive into `folder`.

    What the archive says of its sizes is not believed: bytes are counted as they come out.

    Raises:
        ArchiveError: if it is no archive, damaged, encrypted or too large, or if one of its paths
            leads out of the folder; nothing of it should be used then.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [member for member in opened.infolist() if not member.is_dir()]
            if len(members) > MOST_FILES:
                raise ArchiveError(
                    f"{archive} holds {len(members):,} files, and at most {MOST_FILES:,} are "
                    "unpacked; unpack it yourself and name the folder"
                )
            left = MOST_BYTES
            for member in members:
                left -= _write(opened, member, folder / _inside(archive, member), archive, left)
    except DAMAGE as error:
        raise ArchiveError(
            f"{archive} cannot be unpacked ({error}): it is damaged, encrypted or no ZIP archive. "
            "Pack it again, or unpack it yourself and name the folder"
        ) from error


def _inside(archive: Path, member: zipfile.ZipInfo) -> PurePosixPath:
    path = PurePosixPath(member.filename.replace("\\", "/"))
    is_link = stat.S_ISLNK(member.external_attr >> 16)
    if is_link or path.is_absolute() or ".." in path.parts or PureWindowsPath(path).drive:
        raise ArchiveError(
            f"{archive} holds {member.filename!r}, which leads out of the archive: it was made to "
            "overwrite other files. Nothing of it is used"
        )
    return path


def _write(
    opened: zipfile.ZipFile, member: zipfile.ZipInfo, file: Path, archive: Path, left: int
) -> int:
    """Write one file and return its bytes."""
    allowed = min(left, DEFAULT_LIMITS.max_bytes)
    written = 0
    file.parent.mkdir(parents=True, exist_ok=True)
    with opened.open(member) as source, file.open("wb") as target:
        while piece := source.read(_PIECE):
            written += len(piece)
            if written > allowed:
                raise ArchiveError(
                    f"{archive} is a bomb: {member.filename!r} unpacks to more than "
                    f"{allowed:,} bytes. Nothing of it is used"
                )
            target.write(piece)
    return written
