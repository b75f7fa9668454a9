"""Model versions in an object store: one object `<id>.zip` each, made once and never changed."""

import fcntl
import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from tempfile import NamedTemporaryFile

from nophoto.models.extras import install_command
from nophoto.models.records.versions.model_versions import ModelVersionRow
from nophoto.models.vision.versions import (
    MOST_BYTES,
    ModelVersion,
    ModelVersionError,
    VersionPlaceError,
    open_version,
    pack_version,
    says_what_to_do,
    unfinished,
    unpack_version,
)
from nophoto.worker.storage.fetch import (
    ExistsError,
    FetchError,
    ForbiddenError,
    MissingError,
    NoBucketError,
    try_often,
)
from nophoto.worker.storage.object_store import ObjectStore
from nophoto.worker.uris import OBJECT_SCHEMES

BLOCK = 8 << 20
"""Bytes of one request: what breaks off is asked for again from there, and not from the start."""

_READ_SECONDS = 60.0
"""That one block may take, all attempts together."""

_WRITE_SECONDS = 1800.0
"""That a whole version may take: 1 GB at 5 Mbit/s."""

_LOOK_SECONDS = 15.0

_PROBE = ".probe"

_log = logging.getLogger(__name__)


class VersionStoreError(ModelVersionError):
    """What holds the model versions cannot be reached, or refuses."""


def check_store(place: str, *, writes: bool) -> None:
    """Make sure that a store answers, and knows who asks.

    Args:
        place: such as `s3://bucket/prefix`.
        writes: whether versions are to be put there. Only writing tells: it makes an object of one
            byte, which stays, since the right to write need not include the right to delete.

    Raises:
        VersionStoreError: if it does not, or if its package is not installed.
    """
    uri = f"{place}/{_PROBE}"
    objects = _store_of(uri)
    try:
        if writes:
            with NamedTemporaryFile() as file:
                file.write(b"\n")
                file.flush()
                probe = partial(objects.write, uri, Path(file.name))
                with suppress(ExistsError):
                    try_often(probe, _LOOK_SECONDS)
        else:
            try_often(partial(objects.read, uri, 0, 1), _LOOK_SECONDS)
    except FetchError as error:
        # Of reading; a key that may not list objects is refused those that are not there.
        if not writes and type(error) in (MissingError, ForbiddenError):
            return
        raise VersionStoreError(
            f"{place} cannot be {'written to' if writes else 'read'} ({_reason(error)}). Look at "
            "the storage that NOPHOTO_VERSIONS names, and at this host's credentials for it"
        ) from error


def fetched(row: ModelVersionRow, folder: Path) -> ModelVersion:
    """The version of a row whose location is an object, fetched where `folder` lacks it.

    Of the processes of a host one fetches, and the others wait for it.

    Args:
        row: of the version.
        folder: of this host's copies; it need not exist yet.

    Raises:
        VersionStoreError: if the object cannot be had.
        ModelVersionError: if it is another version than was registered, or there is no room.
    """
    known = _opened(folder / row.id, row.digest)
    if known is not None:
        return known
    with says_what_to_do(folder), _alone(folder), unfinished(folder) as scratch:
        known = _opened(folder / row.id, row.digest)  # another process has fetched it meanwhile
        if known is not None:
            return known
        file = scratch / f"{row.id}.zip"
        _read(row.location, row.id, file)
        # A whole one of another digest would be kept.
        shutil.rmtree(folder / row.id, ignore_errors=True)
        version = _unpacked(file, row.location, row.id, row.digest, folder)
    _log.info("fetched %s from %s", row.id, row.location)
    return version


def store(version: ModelVersion, place: str) -> str:
    """Put a version into a store, where it stays if it is there already.

    Args:
        version: to be put there.
        place: such as `s3://bucket/prefix`.

    Returns:
        The URI of its object.

    Raises:
        VersionStoreError: if it cannot be written.
        ModelVersionError: if another one is there under its id.
    """
    uri = f"{place}/{version.id}.zip"
    objects = _store_of(uri)
    with unfinished(version.folder.parent) as scratch:
        file = scratch / f"{version.id}.zip"
        pack_version(version, file)
        try:
            try_often(partial(objects.write, uri, file), _WRITE_SECONDS)
        except ExistsError:
            # As after a training that was taken over, or an import that is made again.
            _read(uri, version.id, file)
            _unpacked(file, uri, version.id, version.digest, scratch / "found")
        except FetchError as error:
            raise VersionStoreError(
                f"the model version {version.id} cannot be written to {uri} ({_reason(error)}). "
                "Look at the storage that NOPHOTO_VERSIONS names, and at what this host may write "
                "there; then do it again"
            ) from error
    return uri


def _opened(folder: Path, digest: str) -> ModelVersion | None:
    if not folder.exists():
        return None
    try:
        version = open_version(folder)
    except ModelVersionError as error:
        _log.warning("this host's copy is fetched again: %s", error)
        return None
    if version.digest != digest:
        _log.warning("this host's copy is fetched again: %s is another version", folder)
        return None
    return version


def _read(uri: str, version_id: str, file: Path) -> None:
    objects = _store_of(uri)
    try:
        with file.open("wb") as copy:
            while block := try_often(
                partial(objects.read, uri, copy.tell(), copy.tell() + BLOCK), _READ_SECONDS
            ):
                copy.write(block)
                if copy.tell() > MOST_BYTES:
                    raise _other(uri, version_id, f"it has more than {MOST_BYTES >> 20:,} MB")
                if len(block) < BLOCK:
                    return
    except FetchError as error:
        raise VersionStoreError(
            f"the model version {version_id} cannot be fetched from {uri} ({_reason(error)}). Look "
            "at that storage, and at what this host may read there"
        ) from error


def _unpacked(file: Path, uri: str, version_id: str, digest: str, folder: Path) -> ModelVersion:
    try:
        return unpack_version(file, folder, digest)
    except VersionPlaceError:
        raise
    except ModelVersionError as error:
        raise _other(uri, version_id, str(error)) from error


def _other(uri: str, version_id: str, reason: str) -> ModelVersionError:
    return ModelVersionError(
        f"{uri} does not hold the model version {version_id} of this digest: {reason}. Remove that "
        "object, and put the right one there by `nophoto model import` where the version is whole"
    )


def _reason(error: FetchError) -> str:
    if isinstance(error, NoBucketError):
        return "there is no such bucket"
    if isinstance(error, MissingError):
        return "there is no such object or bucket"
    return str(error)


def _store_of(uri: str) -> ObjectStore:
    scheme = uri.partition("://")[0]
    if scheme not in OBJECT_SCHEMES:
        raise VersionStoreError(
            f"model versions are not read from {uri}: there are {', '.join(OBJECT_SCHEMES)}, and "
            "folders. Import the version again"
        )
    try:
        return ObjectStore(scheme, _READ_SECONDS)
    except ImportError as error:
        raise VersionStoreError(
            f"{uri} needs a package that is not installed ({error}). Run "
            f"`{install_command(scheme)}`"
        ) from error


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one process of this host after the other in; the kernel lets go when one is killed."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
