"""Small copies of pictures by their row's id, kept in memory: no page ever names a path."""

import io
from collections import OrderedDict
from threading import Lock, Semaphore
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from sqlalchemy import select

from models.records import references
from models.records.database import Database
from models.records.references import UnknownReferenceError
from models.records.tables import Upload
from models.vision.pictures import PictureError
from models.vocabulary import FailureCode
from worker.decoders import Decoders
from worker.patience import GaveUp, PatientPool
from worker.storage import Storage

SIDES = {"small": 160, "large": 512}
"""Pixels of a copy's longer side."""

Kind = Literal["upload", "reference"]

_KEPT_BYTES = 32 << 20
_AT_ONCE = 4
"""Copies that are made at the same time; a browser asks for a whole page of them at once."""


class Thumbnails:
    """Makes small WebP copies and keeps those used last; any thread may call it.

    Args:
        database: which knows the pictures' places.
        storage: reads uploads, from the allowed roots alone.
        decoders: processes that decode.
        patience: seconds that reading a picture may take.
    """

    def __init__(
        self, database: Database, storage: Storage, decoders: Decoders, patience: float
    ) -> None:
        self._database = database
        self._storage = storage
        self._decoders = decoders
        self._pool = PatientPool(1, patience)
        self._turn = Semaphore(_AT_ONCE)
        self._kept: OrderedDict[tuple[str, int, str], bytes] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    def of(self, kind: Kind, row_id: int, size: str) -> bytes:
        """The copy of an upload's or a reference's picture, a WebP file.

        Raises:
            PictureError: if there is no such picture, or it cannot be shown.
        """
        key = (kind, row_id, size)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        with self._turn:
            made = self.copy(self._read(kind, row_id), size)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = made
                self._size += len(made)
            while self._size > _KEPT_BYTES:
                _, dropped = self._kept.popitem(last=False)
                self._size -= len(dropped)
        return made

    def copy(self, data: bytes, size: str) -> bytes:
        """A copy of the picture in `data`, which is not kept.

        Raises:
            PictureError: if it cannot be shown.
        """
        return as_webp(self._decoders.small_copy(data, SIDES[size]))

    def _read(self, kind: Kind, row_id: int) -> bytes:
        def read(_: None) -> bytes | PictureError:
            try:
                return self._bytes(kind, row_id)
            except PictureError as error:
                return error

        ((_, result),) = self._pool.run(read, [None])
        if isinstance(result, GaveUp):
            raise PictureError(FailureCode.TIMEOUT, "reading the picture took too long")
        if isinstance(result, PictureError):
            raise result
        return result

    def _bytes(self, kind: Kind, row_id: int) -> bytes:
        with self._database.reading() as session:
            if kind == "reference":
                try:
                    return references.picture(session, row_id)
                except UnknownReferenceError as error:
                    raise PictureError(FailureCode.MISSING, str(error)) from error
            uri = session.scalar(select(Upload.uri).where(Upload.id == row_id))
        if uri is None:
            raise PictureError(FailureCode.MISSING, f"there is no upload {row_id}")
        return self._storage.read(uri)


def as_webp(pixels: NDArray[np.uint8]) -> bytes:
    """Pixels (height, width, 3) as a WebP file."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "WEBP", quality=82)
    return file.getvalue()
