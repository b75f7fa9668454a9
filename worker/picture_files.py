"""The two steps before the network, which threads take: reading a file, and decoding it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from models.vision.pictures import PictureError, PictureLimits, load
from models.vocabulary import FailureCode

HELD_BYTES = 64 * 2**20
"""Of files, between reading and decoding; what goes beyond is read a second time."""


@dataclass(frozen=True, slots=True)
class PictureFailure:
    """Why a picture has no embedding; the digest is None where its bytes were not read."""

    code: FailureCode
    message: str
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A file that was read; its bytes are None where there was no room to hold them."""

    uri: str
    digest: str
    data: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Pixels:
    """A picture as the network takes it, (size, size, 3)."""

    digest: str
    pixels: NDArray[np.uint8]


class Budget:
    """How many bytes may still be held; any thread may take some."""

    def __init__(self, size: int) -> None:
        self._left = size
        self._lock = Lock()

    def takes(self, size: int) -> bool:
        """Whether so many more may be held; if so, they count from now on."""
        with self._lock:
            if size > self._left:
                return False
            self._left -= size
            return True


def read_file(read: Callable[[str], bytes], budget: Budget, uri: str) -> HeldFile | PictureFailure:
    """The file at `uri`, with its bytes where `budget` has room for them."""
    try:
        data = read(uri)
    except PictureError as error:
        return PictureFailure(error.code, str(error))
    digest = sha256(data).hexdigest()
    return HeldFile(uri, digest, data if budget.takes(len(data)) else None)


def decode_file(
    read: Callable[[str], bytes], limits: PictureLimits, size: int, file: HeldFile
) -> Pixels | PictureFailure:
    """The picture in `file`, which is read again where its bytes were not held."""
    try:
        data = read(file.uri) if file.data is None else file.data
        if file.data is None and sha256(data).hexdigest() != file.digest:
            raise PictureError(
                FailureCode.UNREADABLE,
                "the file changed while it was read; enqueue it when it is complete",
            )
        return Pixels(file.digest, load(data, size, limits))
    except PictureError as error:
        return PictureFailure(error.code, str(error), file.digest)
