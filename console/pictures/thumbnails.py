"""Small copies of pictures by their row's id, kept in memory: no page ever names a path."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from threading import Lock, Semaphore
from typing import Literal

from cachetools import LRUCache
from sqlalchemy import select, true

from nophoto.jobs.training.held_out_files import named_files
from nophoto.jobs.uploads.thumbnails import as_webp
from nophoto.models import outages
from nophoto.models.records import references, runs
from nophoto.models.records.access import audit
from nophoto.models.records.database import Database, DatabaseUnreachableError
from nophoto.models.records.matching import allow_list
from nophoto.models.records.matching.allow_list import UnknownAllowedPictureError
from nophoto.models.records.references import UnknownReferenceError
from nophoto.models.records.runs import UnknownRunError
from nophoto.models.records.tables import AllowedPicture, AuditAction, Upload
from nophoto.models.vision.pictures import PictureError
from nophoto.models.vocabulary import FailureCode
from nophoto.worker.concurrency.timeout_pool import TimedOut, TimeoutThreadPool
from nophoto.worker.decoding.pool import Decoders
from nophoto.worker.storage.storage import Storage

SIDES = {"small": 160, "large": 512, "full": 4096}
"""Pixels of a copy's longer side; a picture that is smaller keeps its size."""

Kind = Literal["upload", "reference", "allowed"]

_KEPT_BYTES = 32 << 20
_LOOKED_AFTER = 15.0
"""Seconds between two looks for what was erased."""

_log = logging.getLogger(__name__)

_AT_ONCE = 4
"""Copies that are made at the same time; a browser asks for a whole page of them at once."""


class Thumbnails:
    """Makes small WebP copies and keeps those used last; any thread may call it.

    Args:
        database: which knows the pictures' places.
        storage: reads uploads, from the allowed roots alone.
        decoders: processes that decode.
        timeout: seconds that reading a picture may take.
    """

    def __init__(
        self, database: Database, storage: Storage, decoders: Decoders, timeout: float
    ) -> None:
        self._database = database
        self._storage = storage
        self._decoders = decoders
        self._pool = TimeoutThreadPool(1, timeout)
        self._turn = Semaphore(_AT_ONCE)
        self._erased = 0
        self._kept: LRUCache[tuple[str, str, str], bytes] = LRUCache(_KEPT_BYTES, getsizeof=len)
        self._lock = Lock()

    def of(self, kind: Kind, row_id: int, size: str, collection: str | None = None) -> bytes:
        """The copy of a picture of an upload, a reference or the allow-list, a WebP file.

        Args:
            kind: of what.
            row_id: of it.
            size: one of `SIDES`.
            collection: whose uploads alone are shown; None: those of all.

        Raises:
            PictureError: if there is no such picture, or it cannot be shown.
        """
        if kind == "upload":
            return self._of_upload(row_id, size, collection)
        read = self._allowed if kind == "allowed" else self._reference
        return self._made((kind, str(row_id), size), lambda: read(row_id))

    def of_held_out(self, run_id: int, digest: str, size: str) -> bytes:
        """The copy of a held-out picture that a retraining named, a WebP file.

        Raises:
            PictureError: if it named none, or it is not there any more, or cannot be shown.
        """
        key = ("held-out", f"{run_id}/{digest}", size)
        return self._made(key, lambda: self._held_out(run_id, digest))

    def _made(self, key: tuple[str, str, str], read: Callable[[], bytes]) -> bytes:
        with self._lock:
            if key in self._kept:
                return self._kept[key]
        with self._turn:
            made = self.copy(self._read(read), key[2])
        if key[2] == "full":
            return made  # one of these would drive out a page of small ones
        with self._lock:
            self._kept[key] = made
        return made

    def copy(self, data: bytes, size: str) -> bytes:
        """A copy of the picture in `data`, which is not kept.

        Raises:
            PictureError: if it cannot be shown.
        """
        return as_webp(self._decoders.small_copy(data, SIDES[size]))

    def _read(self, read: Callable[[], bytes]) -> bytes:
        def attempt(_: None) -> bytes | PictureError:
            try:
                return read()
            except PictureError as error:
                return error

        ((_, result),) = self._pool.run(attempt, [None])
        if isinstance(result, TimedOut):
            raise PictureError(FailureCode.TIMEOUT, "reading the picture took too long")
        if isinstance(result, PictureError):
            raise result
        return result

    def judged_picture(self, upload_id: int) -> tuple[str, bytes]:
        """The file name and the bytes of an upload's picture, as it was judged.

        Raises:
            PictureError: if it cannot be read any more, or another picture lies there by now.
        """
        with self._database.reading() as session:
            query = select(Upload.uri, Upload.digest).where(Upload.id == upload_id)
            found = session.execute(query).one_or_none()
        if found is None or found.digest is None:
            raise PictureError(FailureCode.MISSING, f"there is no judged upload {upload_id}")
        data = self._read(lambda: self._read_same(found.uri, found.digest))
        return found.uri.rpartition("/")[2], data

    def forget_erased(self) -> None:
        """Let go of the copies of uploads once one of them was erased, whichever it was."""
        with self._database.reading() as session:
            erased = audit.newest(session, AuditAction.ERASE)
        with self._lock:
            if erased == self._erased:
                return
            self._erased = erased
            for key in [key for key in self._kept if key[0] in ("judged", "held-out")]:
                del self._kept[key]

    async def look_after(self) -> None:
        """Let go of what is erased until this is cancelled."""
        while True:
            try:
                await asyncio.to_thread(self.forget_erased)
            except DatabaseUnreachableError as error:
                outages.warn(_log, "copies of erased pictures are let go later", error)
            await asyncio.sleep(_LOOKED_AFTER)

    def _of_upload(self, upload_id: int, size: str, collection: str | None) -> bytes:
        with self._database.reading() as session:
            query = select(Upload.uri, Upload.digest).where(
                Upload.id == upload_id,
                true() if collection is None else Upload.collection == collection,
            )
            found = session.execute(query).one_or_none()
        if found is None:
            raise PictureError(FailureCode.MISSING, f"there is no upload {upload_id}")
        if found.digest is not None:
            # By what was judged: the upload's row may come to mean another picture.
            key = ("judged", found.digest, size)
            return self._made(key, lambda: self._read_same(found.uri, found.digest))
        with self._turn:
            return self.copy(self._read(lambda: self._storage.read(found.uri)), size)

    def _reference(self, reference_id: int) -> bytes:
        with self._database.reading() as session:
            try:
                return references.picture(session, reference_id)
            except UnknownReferenceError as error:
                raise PictureError(FailureCode.MISSING, str(error)) from error

    def _allowed(self, allowed_id: int) -> bytes:
        """Kept with the list where look-alikes are meant; else an upload may have the bytes."""
        with self._database.reading() as session:
            with suppress(UnknownAllowedPictureError):
                return allow_list.picture(session, allowed_id)
            query = (
                select(Upload.uri, Upload.digest)
                .join(AllowedPicture, AllowedPicture.digest == Upload.digest)
                .where(AllowedPicture.id == allowed_id)
                .order_by(Upload.id.desc())
                .limit(1)
            )
            found = session.execute(query).one_or_none()
        if found is None:
            raise PictureError(FailureCode.MISSING, "the allow-list has its digest alone")
        return self._read_same(found.uri, found.digest)

    def _held_out(self, run_id: int, digest: str) -> bytes:
        try:
            with self._database.reading() as session:
                files = named_files(runs.get(session, run_id))
        except UnknownRunError as error:
            raise PictureError(FailureCode.MISSING, str(error)) from error
        if digest not in files:
            raise PictureError(FailureCode.MISSING, f"run {run_id} names no such picture")
        return self._read_same(files[digest], digest)

    def _read_same(self, uri: str, digest: str) -> bytes:
        data = self._storage.read(uri)
        if sha256(data).hexdigest() != digest:
            raise PictureError(FailureCode.MISSING, "another picture lies there by now")
        return data
