"""What becomes of a picture's file before the network: pixels, or a failure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nophoto.models.vision.pictures import PictureError
from nophoto.models.vocabulary import FailureCode
from nophoto.worker.decoding.pool import Decoders
from nophoto.worker.telemetry.logs import about


@dataclass(frozen=True, slots=True)
class PictureFailure:
    """Why a picture has no embedding; the digest is None where its bytes were not read."""

    code: FailureCode
    message: str
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class Pixels:
    """A picture as the network takes it, (size, size, 3)."""

    digest: str
    pixels: NDArray[np.uint8]


def decode_file(digest: str, data: bytes, size: int, decoders: Decoders) -> Pixels | PictureFailure:
    """The picture in the file `data`."""
    try:
        with about(digest=digest):
            return Pixels(digest, decoders.load(data, size))
    except PictureError as error:
        return PictureFailure(error.code, str(error), digest)
