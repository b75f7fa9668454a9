"""The picture files of an unpacked package, in the order in which they are taken."""

import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path

from benchmarks.training_pictures.commands import draw_svg
from benchmarks.training_pictures.package import Package, Use
from benchmarks.training_pictures.qt_resources import read_resources

_PICTURES = {".jpg", ".jpeg", ".png", ".webp", ".gif"}
_LARGEST = 8_000_000  # bytes; larger files are posters that take seconds to decode
_ARCHIVES = {".zip", ".jar", ".sh3f"}
_ABSENT = re.compile(
    r"default|placeholder|no[-_ ]?(image|photo|picture|cover)|missing|avatar|empty|blank|unknown"
    r"|broken|generic|dummy|not[-_]?found",
    re.IGNORECASE,
)
"""Names of pictures that may say absence: they are not learnt as real."""
_GLYPHS = re.compile(
    r"folder|doc|image|photo|camera|webcam|user|person|people|contact|face|audio|sound|music"
    r"|note|media|video|text|file|package|account|identity|picture|galler|office|paper|writer"
    r"|word|edit|template|bookmark|mail|search|trash|question|help|unreadable|info|error|warn"
    r"|viewer|player|reader|calc|nautilus|thunar|pcmanfm|nemo|caja|dolphin|gwenview|eog|shotwell"
    r"|cheese|pdf|profile|login|chat|home|install|update|network",
    re.IGNORECASE,
)
"""Names of icons that are as good as the glyphs of placeholders."""
_PARTS = re.compile(r"light|glow|shadow|mask|particle|cursor", re.IGNORECASE)
"""Names of what games lay over other pictures: shown alone, it is a blurred tile."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file of a package that may become a picture.

    Attributes:
        folder: that it lies in, or the archive.
        digest: of its bytes, the SHA-256.
        read: its bytes, read only when it is taken: packages hold gigabytes.
        drawing: its path if it is an SVG file.
    """

    folder: str
    digest: bytes
    read: Callable[[], bytes]
    drawing: Path | None = None


def sources_of(package: Package, unpacked: Path) -> list[Source]:
    """All files of a package that fit, each content once.

    Args:
        package: whose patterns name the files.
        unpacked: the folder that its files lie in.

    Returns:
        In an order by chance that is always the same: first one of each folder, then another of
        each, so that a package's first pictures show all that it has.

    Raises:
        QtResourceError: if a resource file cannot be read.
    """
    unique = {source.digest: source for source in _sources(package, unpacked)}
    seen: Counter[str] = Counter()
    ranked = []
    for digest in sorted(unique):
        source = unique[digest]
        ranked.append((seen[source.folder], digest))
        seen[source.folder] += 1
    return [unique[digest] for _, digest in sorted(ranked)]


def drawn(source: Source, package: Package) -> bytes:
    """The bytes of a picture file: of an SVG file, a PNG file of 320 pixels, on nothing.

    Args:
        source: the file.
        package: named if it fails.

    Raises:
        PackageError: if there is no rsvg-convert, or it fails.
    """
    if source.drawing is None:
        return source.read()
    size = ("--width", "320", "--height", "320")
    return draw_svg(source.drawing, package.name, size)


def _sources(package: Package, unpacked: Path) -> Iterator[Source]:
    for pattern in package.patterns:
        for file in sorted(unpacked.glob(pattern)):
            if file.is_symlink() or not file.is_file() or not _fits(file.name, package.use):
                continue
            if file.suffix == ".rcc":
                yield from _packed(file, read_resources(file.read_bytes()), package.use)
            elif file.suffix in _ARCHIVES:
                yield from _packed(file, _members(file), package.use)
            elif file.suffix in {*_PICTURES, ".svg"} and file.stat().st_size < _LARGEST:
                digest = sha256(file.read_bytes()).digest()
                is_drawing = file.suffix == ".svg"
                yield Source(
                    str(file.parent), digest, file.read_bytes, file if is_drawing else None
                )


def _packed(archive: Path, files: Iterator[tuple[str, bytes]], use: Use) -> Iterator[Source]:
    for name, data in files:
        path = Path(name)
        if path.suffix.lower() in _PICTURES and _fits(path.name, use):
            folder = f"{archive}/{path.parent}"
            yield Source(folder, sha256(data).digest(), partial(bytes, data))


def _members(archive: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(archive) as packed:
        for name in packed.namelist():
            if not name.endswith("/") and name.count("/") < 2:  # deeper lie the models' textures
                yield name, packed.read(name)


def _fits(name: str, use: Use) -> bool:
    """Whether a file may be taken, by its name alone."""
    if not use.is_real:
        return True
    if use.holds_icons and _GLYPHS.search(name):
        return False
    return not (_ABSENT.search(name) or (use.is_of_games and _PARTS.search(name)))
