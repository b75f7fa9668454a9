"""What a person names on the command line: the pictures that are meant, and where output goes."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from nophoto.models.errors import NophotoError

PICTURE_SUFFIXES = frozenset(
    {
        ".avif",
        ".bmp",
        ".dib",
        ".gif",
        ".heic",
        ".heif",
        ".hif",
        ".jfif",
        ".jpe",
        ".jpeg",
        ".jpg",
        ".mpo",
        ".png",
        ".tif",
        ".tiff",
        ".webp",
    }
)
"""How the names of files end that a folder is searched for, in lower case."""


_NOT_LISTED = (
    "it names no picture, and stores are not listed; name each object, or pipe one URI a line to "
    "`nophoto enqueue -`"
)


class OutputError(NophotoError):
    """A file that was asked for cannot be written."""

    @classmethod
    def of(cls, file: Path, error: OSError) -> Self:
        """The error that names the file and the reason."""
        return cls(f"{file} cannot be written ({error.strerror}); name another place")


@dataclass(slots=True)
class Found:
    """What a search came upon.

    Attributes:
        uris: absolute paths, and URIs as they were given.
        passed_over: files in folders whose names are no picture's.
        problems: by name, why it could not be taken.
    """

    uris: list[str] = field(default_factory=list)
    passed_over: int = 0
    problems: dict[str, str] = field(default_factory=dict)


def find_pictures(
    names: Iterable[str],
    *,
    recursive: bool = True,
    every_file: bool = False,
    roots: Sequence[str] = (),
) -> Found:
    """The pictures that `names` mean.

    A file is taken whatever it is called: who names it means it. A folder gives the files in it
    whose names end as pictures do, in the order of their names; links to other folders are not
    followed, so that no search is endless. With `every_file` it gives the others too, all but
    hidden ones. A URI (`s3://…`) is taken as it is, but for one that is of `roots` or ends as
    folders do: stores are not listed.
    """
    found = Found()
    for name in names:
        if is_uri(name):
            if name.endswith("/") or name in roots:
                found.problems[name] = _NOT_LISTED
            else:
                found.uris.append(name)
            continue
        path = absolute(name)
        if path.is_dir():
            _search(path, found, recursive=recursive, every_file=every_file)
        elif os.path.lexists(path):
            found.uris.append(str(path))
        else:
            found.problems[name] = "there is no such file or folder"
    return found


def write_output(file: Path, data: bytes) -> None:
    """Write a file that a person asked for.

    Raises:
        OutputError: if it cannot be written.
    """
    try:
        file.write_bytes(data)
    except OSError as error:
        raise OutputError.of(file, error) from error


def is_uri(name: str) -> bool:
    """Whether `name` is a URI rather than a path."""
    scheme, separator, _ = name.partition("://")
    return bool(separator) and scheme.replace("+", "").isalnum()


def absolute(name: str) -> Path:
    """The absolute path of `name` without `..`; links stay, so that a key is what was named."""
    return Path(os.path.abspath(name))  # noqa: PTH100 -- Path.absolute keeps `..`


def outside_roots(uri: str, roots: Iterable[str]) -> bool:
    """Whether a worker with these `roots` is sure to refuse `uri`.

    This host's view: links are followed as they are here.
    """
    path = uri.removeprefix("file://")
    if is_uri(path):
        return not any(_is_below(path, root) for root in roots)
    real = os.path.realpath(path)
    return not any(_is_below(real, os.path.realpath(r)) for r in roots if not is_uri(r))


def _is_below(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip("/") + "/")


def _search(folder: Path, found: Found, *, recursive: bool, every_file: bool) -> None:
    def note(error: OSError) -> None:
        found.problems[str(error.filename)] = f"the folder cannot be read ({error.strerror})"

    for inside, folders, files in os.walk(folder, onerror=note):
        folders.sort()
        for name in sorted(files):
            is_picture = Path(name).suffix.lower() in PICTURE_SUFFIXES
            if is_picture or (every_file and not name.startswith(".")):
                found.uris.append(str(Path(inside, name)))
            else:
                found.passed_over += 1
        if not recursive:
            break
