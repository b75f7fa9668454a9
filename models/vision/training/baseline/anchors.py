"""The anchors of the baseline recipe, and their positives where they come in pairs."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nophoto.models.errors import NophotoError
from nophoto.models.vision.references import shipped_references
from nophoto.models.vision.training.baseline.archives import unpack

LEFT, RIGHT = "left", "right"
"""The folders, or ZIP archives, of a collection in pairs: anchors and their positives."""


class AnchorsError(NophotoError):
    """There are no anchors, too few, or pairs that do not match."""


@dataclass(frozen=True, slots=True)
class Anchors:
    """Pictures to be anchors.

    Attributes:
        subjects: files, or places in the shipped reference set.
        positives: the file that belongs to each; None where an anchor is changed into its own.
    """

    subjects: Sequence[Path | int]
    positives: Sequence[Path] | None = None


def find_anchors(source: Path | None, scratch: Path) -> Anchors:
    """The anchors of a folder, of a ZIP archive, or of a pair of either.

    Args:
        source: a folder or an archive of pictures, nested at will; or one that holds `left` and
            `right`, each of them a folder or an archive, whose files belong together in the order
            of their names. None for the shipped references.
        scratch: a folder to unpack into; it must outlive the anchors.

    Raises:
        AnchorsError: if nothing is there, or `left` and `right` do not match.
        ArchiveError: if an archive is damaged or was made to do harm.
    """
    if source is None:
        return Anchors(range(len(shipped_references())))
    folder = _folder(source, scratch / "anchors")
    sides = [path for name in (LEFT, RIGHT) if (path := _side(folder, name))]
    if not sides:
        files = _files(folder)
        if not files:
            raise AnchorsError(f"{source} holds no picture; name a folder or archive of anchors")
        return Anchors(files)
    if len(sides) == 1:
        raise AnchorsError(
            f"{source} holds only `{sides[0].name}`: of pictures in pairs it must hold both "
            f"`{LEFT}` and `{RIGHT}`"
        )
    left, right = (_files(_folder(side, scratch / side.stem)) for side in sides)
    if len(left) != len(right):
        raise AnchorsError(
            f"{source} must hold as many pictures in {LEFT} as in {RIGHT}, since they belong "
            f"together in the order of their names; it holds {len(left):,} and {len(right):,}"
        )
    return Anchors(left, right)


def _side(folder: Path, name: str) -> Path | None:
    for path in (folder / name, folder / f"{name}.zip"):
        if path.exists():
            return path
    return None


def _folder(source: Path, scratch: Path) -> Path:
    """`source`, or what is in it if it is an archive."""
    if source.is_dir():
        return source
    if not source.is_file():
        raise AnchorsError(f"there is no file or folder {source}; name one of anchors")
    unpack(source, scratch)
    # An archive is often of one folder.
    inside = [path for path in scratch.iterdir() if not _is_hidden(path)]
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else scratch


def _files(folder: Path) -> list[Path]:
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(map(_is_hidden, path.relative_to(folder).parents))
        if not _is_hidden(path)
    ]


def _is_hidden(path: Path) -> bool:
    # The second is what a Mac adds to archives.
    return path.name.startswith(".") or path.name == "__MACOSX"
