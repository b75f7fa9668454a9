"""What decodes the files of people, as training asks for it."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Decoder(Protocol):
    """Decodes files in processes of their own: one that ends its decoder does no other harm.

    `nophoto.worker.decoding.pool.Decoders` is the one that people's files go through. Any thread
    may call it.
    """

    def load(self, data: bytes, size: int) -> NDArray[np.uint8]:
        """The file in `data` as (size, size, 3) pixels; see `pictures.load`.

        Raises:
            PictureError: if it cannot be decoded.
        """

    def bounded_copy(self, data: bytes, at_least: int) -> NDArray[np.uint8]:
        """The file in `data` in its own shape, (height, width, 3); see `pictures.prepare.bounded`.

        Args:
            data: the file.
            at_least: pixels that both sides keep where the file has them, up to `LONGEST`.

        Raises:
            PictureError: if it cannot be decoded.
        """
