"""The pictures that a training sees, each described by what it takes to make it again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from os.path import commonpath
from pathlib import Path

from nophoto.models.vision.drawing import drawn_kind
from nophoto.models.vision.matching.kinds import kind_of_drawing
from nophoto.models.vision.references import shipped_references
from nophoto.models.vision.training.recipes import Recipe
from nophoto.models.vocabulary import Kind

FIRST_SEED = 1_000_000
"""Of the drawings of a training: the reference set is drawn from seeds far below."""

_COMMON = (
    "JPEG at quality 50",
    "resized to a quarter",
    "resized to a half",
    "resized to twice",
    "cropped by 10 %",
    "flipped sideways",
)
"""Promised changes that uploads come with."""

_OF_THEIR_COLOURS = frozenset({Kind.BRAND, Kind.PHOTO, Kind.CARTOON, Kind.IDENTICON})
"""Kinds whose pictures in other colours would say nothing of absence, or nothing new."""


class Origin(StrEnum):
    """What a sample's picture is made from."""

    DRAWING = "drawing"
    DISTRACTOR = "distractor"
    REFERENCE = "reference"
    FILE = "file"
    HARDENED = "hardened"
    UPLOAD = "upload"
    """A file or a reference, loaded just as an upload is."""
    CLASSIC = "classic"
    """A file or a reference, changed by the eight augmentations of the baseline recipe."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One picture of a training.

    Attributes:
        origin: what it is made from.
        subject: a seed, the place of a reference in the shipped set, or a file's path.
        pool: what batches are mixed from.
        is_changed: whether it is augmented.
        seed: of its changes, beside the picture itself: whatever else is trained on, the copies of
            a picture stay the same.
        kind: of a placeholder, `Kind.OWN` where nobody has named it; None for a real picture.
        source: equal for pictures that are variants of each other; empty for one alone.
        change: the name of a promised change, which is made instead of augmenting.
        look: 0 for a file as it is; any other number for it in other colours, another placeholder.
    """

    origin: Origin
    subject: int | Path
    pool: str
    is_changed: bool
    seed: int
    kind: Kind | None = None
    source: str = ""
    change: str = ""
    look: int = 0


def placeholder_samples(recipe: Recipe, given: Sequence[Sequence[Path]]) -> Iterator[Sample]:
    """Drawings, the shipped references, and the given ones by source, each with changed copies.

    References have copies and a pool of their own: it is they that must be known again, whatever
    happens to them on their way.
    """
    for number in range(recipe.drawn):
        seed = FIRST_SEED + number
        kind = kind_of_drawing(drawn_kind(seed))
        for variant in range(2):
            yield Sample(Origin.DRAWING, seed, "drawn", variant > 0, seed, kind)
    for place, reference in enumerate(shipped_references()):
        kind = kind_of_drawing(reference.kind)
        for variant in range(recipe.reference_variants + 1):
            yield Sample(Origin.REFERENCE, place, "references", variant > 0, variant, kind)
    for number, paths in enumerate(given):
        for path, (kind, source) in zip(paths, given_kinds(paths), strict=True):
            yield from given_samples(recipe, path, f"given-{number}", kind, source)


def given_samples(
    recipe: Recipe, path: Path, pool: str, kind: Kind, source: str
) -> Iterator[Sample]:
    """A given placeholder with its changed copies, and in other looks, each with a changed copy."""
    source = source or str(path)
    for variant in range(recipe.variants + 1):
        yield Sample(Origin.FILE, path, pool, variant > 0, variant, kind, source)
    if kind in _OF_THEIR_COLOURS:
        return
    for look in range(1, recipe.looks + 1):
        for variant in range(2):
            yield Sample(Origin.FILE, path, pool, variant > 0, variant, kind, source, look=look)


def negative_samples(recipe: Recipe, real: Sequence[Sequence[Path]]) -> Iterator[Sample]:
    """Distractors, and the real pictures of each source with their changed and hardened copies."""
    for number in range(recipe.distractors):
        seed = FIRST_SEED + number
        for variant in range(2):
            yield Sample(Origin.DISTRACTOR, seed, "distractors", variant > 0, seed)
    for source, paths in enumerate(real):
        for path in paths:
            for variant in range(recipe.variants + 1):
                yield Sample(Origin.FILE, path, f"real-{source}", variant > 0, variant)
            for variant in range(recipe.hardened):
                yield Sample(Origin.HARDENED, path, f"real-{source}", False, variant)


def cohort_samples(real: Sequence[Sequence[Path]]) -> Iterator[Sample]:
    """Real pictures as people upload them: as they are, and after what a platform does to all.

    No stronger changes: a reach that keeps them off would lose placeholders for pictures that
    nobody uploads.
    """
    for path in (path for paths in real for path in paths):
        for change in ("", *_COMMON):
            yield Sample(Origin.FILE, path, "cohort", False, 0, change=change)


def upload_samples(paths: Sequence[Path]) -> list[Sample]:
    """The files as a worker would see them, to measure with."""
    return [Sample(Origin.UPLOAD, path, "uploads", False, 0) for path in paths]


def given_kinds(paths: Sequence[Path]) -> list[tuple[Kind, str]]:
    """The kind and the source of each given placeholder, by the folders that it lies in.

    A folder that is called as a kind names the kind of all below it; any other folder below the
    one that holds all of them is a project, whose pictures are variants of each other.
    """
    if not paths:
        return []
    top = Path(commonpath([path.parent for path in paths]))
    found = []
    for path in paths:
        below = path.parent.relative_to(top).parts
        kinds = [part for part in (*top.parts[-1:], *below) if part in set(Kind)]
        projects = [part for part in below if part not in set(Kind)]
        found.append((Kind(kinds[-1]) if kinds else Kind.OWN, "/".join(projects)))
    return found
