"""What becomes of pictures: pixels, embeddings, or failures."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nophoto.models.vocabulary import FailureCode

Vector = NDArray[np.float16]
"""An embedding, (dimension,), as it is stored."""


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


@dataclass(frozen=True, slots=True)
class Embedded:
    """A picture's digest and its embedding."""

    digest: str
    vector: Vector


@dataclass(frozen=True, slots=True)
class EmbeddingResult:
    """What became of some pictures.

    Attributes:
        outcomes: one for each URI, in their order.
        new: the embeddings that were not known but made, by digest.
    """

    outcomes: list[Embedded | PictureFailure]
    new: dict[str, Vector]
