"""A model version as one file, to carry it elsewhere."""

import os
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import time
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from nophoto.models.vision.versions.directory import (
    MANIFEST,
    ModelVersion,
    ModelVersionError,
    open_version,
)

MOST_BYTES = 1 << 30
"""Of a version's files together: ten times those of the largest backbone."""

_MOST_FILES = 64

_BLOCK = 1 << 20

_UNFINISHED = ".unfinished-"
_LIVES_SECONDS = 3600.0


class VersionPlaceError(ModelVersionError):
    """The disk or folder for a model version has no room, or may not be written to."""


def pack_version(version: ModelVersion, file: Path) -> None:
    """Write a model version into one ZIP file; the same version gives the same bytes.

    Raises:
        ModelVersionError: if the file cannot be written, as on a full disk; then none is left.
    """
    names = sorted([MANIFEST, *version.manifest.files])
    part = file.with_name(f".{file.name}.part")
    with says_what_to_do(file):
        try:
            with ZipFile(part, "w", ZIP_DEFLATED) as archive:
                for name in names:
                    # ZipInfo's own date, which is always the same, and not the file's.
                    data = (version.folder / name).read_bytes()
                    archive.writestr(ZipInfo(name), data, ZIP_DEFLATED)
            part.replace(file)
        finally:
            part.unlink(missing_ok=True)


def unpack_version(file: Path, versions: Path, digest: str | None = None) -> ModelVersion:
    """Put the model version in a file of `pack_version` into its own folder below `versions`.

    Nothing of the file is trusted: it may name only files that lie in the folder, it is unpacked
    no further than `MOST_BYTES`, and what its manifest does not pin is refused.

    Args:
        file: of `pack_version`.
        versions: the folder of all versions; it need not exist yet.
        digest: that the version must have, SHA-256 (hex), as its maker says.

    Raises:
        ModelVersionError: if it is no such file or was changed, or if there is no room; then
            nothing is left.
    """
    with unfinished(versions) as folder:
        try:
            with ZipFile(file) as archive:
                _unpack(archive, file, folder)
        except (BadZipFile, EOFError, RuntimeError, zlib.error) as error:
            raise _no_version(file, str(error)) from error
        return _place(folder, versions, digest)


def keep_version(source: Path, versions: Path, digest: str | None = None) -> ModelVersion:
    """Copy the model version in the folder `source` into its own folder below `versions`.

    Args:
        source: the folder of the version.
        versions: the folder of all versions; it need not exist yet.
        digest: that the version must have, SHA-256 (hex), as its maker says.

    Raises:
        ModelVersionError: if it is missing or changed, or if there is no room; then nothing is
            left.
    """
    version = open_version(source)
    with unfinished(versions) as folder:
        for name in [MANIFEST, *version.manifest.files]:
            shutil.copyfile(source / name, folder / name)
        return _place(folder, versions, digest)


def _unpack(archive: ZipFile, file: Path, folder: Path) -> None:
    entries = archive.infolist()
    if len(entries) > _MOST_FILES:
        raise _no_version(file, f"it has {len(entries):,} entries")
    for entry in entries:
        name = entry.filename
        if Path(name).name != name or "\\" in name or name in ("", ".."):
            raise _no_version(file, f"its entry {name!r} does not lie in its folder")
        if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise _no_version(file, f"its entry {name!r} is packed in an unusual way")
    left = MOST_BYTES
    for entry in entries:
        target = folder / entry.filename
        if target.exists():
            raise _no_version(file, f"it has the entry {entry.filename!r} twice")
        with archive.open(entry) as packed, target.open("xb") as unpacked:
            # Counted as it comes: what an archive says of its sizes need not be so.
            while block := packed.read(_BLOCK):
                left -= len(block)
                if left < 0:
                    raise _no_version(file, f"it holds more than {MOST_BYTES >> 20:,} MB")
                unpacked.write(block)


def _place(folder: Path, versions: Path, digest: str | None) -> ModelVersion:
    """Move a whole version out of its unfinished folder."""
    version = open_version(folder)
    unpinned = {path.name for path in folder.iterdir()} - {MANIFEST, *version.manifest.files}
    if unpinned:
        raise ModelVersionError(
            f"{version.id} is not imported: it holds {min(unpinned)}, which its manifest does not "
            "know. Export it again"
        )
    if digest is not None and version.digest != digest.lower():
        raise ModelVersionError(
            f"{version.id} is not the version that was announced: its digest is {version.digest}, "
            f"not {digest}. Ask the person who made it"
        )
    final = versions / version.id
    if _is_whole(final):
        return open_version(final)  # stays as it is, since a worker may be reading it
    shutil.rmtree(final, ignore_errors=True)
    _sync(folder)
    folder.rename(final)
    return ModelVersion(final, version.digest, version.manifest)


def _is_whole(folder: Path) -> bool:
    try:
        open_version(folder)
    except ModelVersionError:
        return False
    return True


def _no_version(file: Path, reason: str) -> ModelVersionError:
    return ModelVersionError(
        f"{file} is not a model version: {reason}. Name a file that `nophoto model export` wrote, "
        "and copy it again if it came over a network"
    )


@contextmanager
def unfinished(versions: Path) -> Iterator[Path]:
    """A folder beside the final ones; what is in it at the end of the block is removed.

    Raises:
        VersionPlaceError: if it, or a file of the block, cannot be read or written.
    """
    with says_what_to_do(versions):
        versions.mkdir(parents=True, exist_ok=True)
        for left in versions.glob(f"{_UNFINISHED}*"):
            _remove_if_left(left)
        with tempfile.TemporaryDirectory(prefix=_UNFINISHED, dir=versions) as temporary:
            folder = Path(temporary) / "version"
            folder.mkdir()
            yield folder


def _remove_if_left(folder: Path) -> None:
    """Remove what a process left that was killed; a living one writes something within the hour."""
    # Its own process may be done with it, or another be removing it, at this moment.
    with suppress(FileNotFoundError):
        written = max(path.stat().st_mtime for path in (folder, *folder.rglob("*")))
        if time() - written > _LIVES_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def says_what_to_do(place: Path) -> Iterator[None]:
    """Tell what is wrong with the disk where a block writes to `place`.

    Raises:
        VersionPlaceError: if a file of the block cannot be read or written.
    """
    try:
        yield
    except OSError as error:
        raise VersionPlaceError(
            f"{error.filename or place} cannot be read or written ({error.strerror}). Make room "
            "on its disk, or name another place"
        ) from error


def _sync(folder: Path) -> None:
    # Before the rename: after a power cut a version is whole or not there.
    for path in folder.iterdir():
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
