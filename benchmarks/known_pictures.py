"""Pictures of which it is known what they are: made of what packages carry, or from a folder."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.corpus import ONE_PLACEHOLDER_IN, find_corpus, make_corpus
from nophoto.models.vision.distractors import draw_distractor

FIRST_DISTRACTOR = 500_000
"""Seeds of trainings begin far above, those of references end far below."""


@dataclass(frozen=True, slots=True)
class KnownPictures:
    """Files of either sort.

    Attributes:
        placeholders: none of them a reference.
        real: photographs, and whatever else is no placeholder.
        name: what they are, for people who read the figures.
    """

    placeholders: Sequence[Path]
    real: Sequence[Path]
    name: str


def register_version(folder: Path, count: int) -> KnownPictures:
    """Drawn placeholders, cuttings of the photographs in packages, and drawn distractors.

    Of `count` pictures a fifth are placeholders and a fifth distractors. They are drawn by the code
    that draws what networks are trained on, so they are easier than any others.

    Raises:
        DemoPicturesError: if the packages that carry the photographs are not installed.
    """
    made = make_corpus(folder, count * 4 // 5)
    distractors = []
    for number in range(count // 5):
        distractors.append(folder / f"distractor-{number:06}.png")
        draw_distractor(FIRST_DISTRACTOR + number).save(distractors[-1])
    placeholders = made[::ONE_PLACEHOLDER_IN]
    photographs = [file for file in made if file not in set(placeholders)]
    return KnownPictures(
        placeholders,
        [*photographs, *distractors],
        f"made: {len(placeholders):,} drawn placeholders, {len(photographs):,} cuttings of "
        f"photographs, {len(distractors):,} drawn distractors",
    )


def find_known(folders: Sequence[Path]) -> KnownPictures:
    """All that can be judged in `placeholder/` and `real/` of the folders, each content once.

    Raises:
        CorpusError: if one of the two holds no picture.
    """
    placeholders, real = (
        [file for folder in folders for file in find_corpus(folder / sort)]
        for sort in ("placeholder", "real")
    )
    return KnownPictures(
        placeholders, real, f"{len(placeholders):,} placeholders, {len(real):,} real pictures"
    )
