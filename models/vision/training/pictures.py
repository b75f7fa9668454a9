"""The picture files of a training, and whether they suffice; known before TensorFlow is loaded."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nophoto.models.errors import NophotoError


class TrainingError(NophotoError):
    """The pictures given do not suffice for a training."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """The picture files of a training.

    Attributes:
        placeholders: to learn as placeholders, beside the drawings, by source; may be empty.
        real: to learn as real, by source; every source shows whatever its size.
        held_out_placeholders: to measure with.
        held_out_real: to measure with and to set the threshold by.
        sources: Markdown on where they come from, for the model card.
        composed: real pictures that a program put together, by source: learnt, but kept out of the
            cohort, for nobody uploads them.
    """

    placeholders: Sequence[Sequence[Path]]
    real: Sequence[Sequence[Path]]
    held_out_placeholders: Sequence[Path]
    held_out_real: Sequence[Path]
    sources: str = ""
    composed: Sequence[Sequence[Path]] = ()


def check_pictures(pictures: Pictures) -> None:
    """Refuse a training that has nothing to learn from or could not be measured.

    Raises:
        TrainingError: if there is no real picture, or nothing of a kind is held out.
    """
    if not any(pictures.real):
        raise TrainingError(
            "there are no real pictures to train with. Name a folder of photographs with --real"
        )
    check_held_out(pictures)


def check_held_out(pictures: Pictures) -> None:
    """Refuse a training that could not be measured.

    Raises:
        TrainingError: if no placeholder or no real picture is held out.
    """
    if not pictures.held_out_placeholders or not pictures.held_out_real:
        raise TrainingError(
            "the held-out folder must have pictures in `placeholder/` and in `real/`, to measure "
            "the new version with. Name one with --held-out"
        )
