"""How large a picture may be."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PictureLimits:
    """Bounds that are checked before anything is decoded.

    Attributes:
        max_bytes: of the file.
        max_pixels: width times height, as the file's header states them.
    """

    max_bytes: int = 32 * 2**20
    max_pixels: int = 100_000_000


LONGEST = 512
"""Pixels of a side that are worth keeping before training changes and shrinks them."""

DEFAULT_LIMITS = PictureLimits()
"""What training decodes under; a worker's come from its settings."""
