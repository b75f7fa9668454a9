"""The pictures of a cross-validation, with the projects and kinds that files name for them."""

import csv
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from nophoto.jobs.evaluation.evaluate import check_folder
from nophoto.jobs.training.train import check_installed
from nophoto.models.errors import NophotoError
from nophoto.models.vocabulary import Kind, Verdict

if TYPE_CHECKING:
    from nophoto.models.vision.training.cross_validation import KnownPicture


class ProjectsFileError(NophotoError):
    """The file that names the pictures' projects cannot be used."""


def known_pictures(
    folders: Iterable[Path], projects: Sequence[Path] = (), kinds: Path | None = None
) -> "list[KnownPicture]":
    """The pictures below `placeholder/` and `real/` of each folder, each content once.

    Args:
        folders: of known pictures.
        projects: CSV files with the columns `path`, relative to its own folder, and `project` or
            `source_repo`. A picture that they do not name, and every picture without such a file,
            is of the project that its folder is called, or one of its own where it lies directly
            in `placeholder/` or `real/`.
        kinds: a CSV file with the columns `path`, relative to its own folder, `kind` and
            `ambiguous` (1 where a person who sees a placeholder alone could take it for an upload).

    Raises:
        EvaluationError: if a folder lacks `placeholder/` or `real/`, or one is empty.
        ProjectsFileError: if `projects` cannot be read or lacks a column.
    """
    check_installed()
    from nophoto.models.vision.training.cross_validation import KnownPicture

    named = {path: name for file in projects for path, name in _named_projects(file).items()}
    described = _described(kinds) if kinds else {}
    seen: set[bytes] = set()
    pictures = []
    for folder in folders:
        for verdict, uris in check_folder(folder).items():
            for path in map(Path, uris):
                digest = sha256(path.read_bytes()).digest()
                if digest in seen:
                    continue
                seen.add(digest)
                group = path.parent.relative_to((folder / verdict).absolute()).as_posix()
                project = named.get(path.resolve()) or (group if group != "." else path.name)
                of_kind, is_ambiguous = described.get(path.resolve(), (None, False))
                is_placeholder = verdict == Verdict.PLACEHOLDER
                pictures.append(
                    KnownPicture(path, is_placeholder, project, group, of_kind, is_ambiguous)
                )
    return pictures


def _named_projects(file: Path) -> dict[Path, str]:
    try:
        with file.open(newline="", encoding="utf-8") as opened:
            rows = csv.DictReader(opened)
            columns = set(rows.fieldnames or ())
            column = next((name for name in ("project", "source_repo") if name in columns), None)
            if column is None or "path" not in columns:
                raise ProjectsFileError(
                    f"{file} needs a column `path` and a column `project` or `source_repo`; it has "
                    f"{', '.join(sorted(columns)) or 'none'}"
                )
            return {(file.parent / row["path"]).resolve(): row[column] for row in rows}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ProjectsFileError(f"{file} cannot be read ({error}); name a CSV file") from error


def _described(file: Path) -> dict[Path, tuple[Kind | None, bool]]:
    try:
        with file.open(newline="", encoding="utf-8") as opened:
            rows = csv.DictReader(opened)
            missing = {"path", "kind", "ambiguous"} - set(rows.fieldnames or ())
            if missing:
                raise ProjectsFileError(f"{file} lacks the columns {', '.join(sorted(missing))}")
            return {
                (file.parent / row["path"]).resolve(): (
                    Kind(row["kind"]) if row["kind"] in set(Kind) else None,
                    row["ambiguous"] == "1",
                )
                for row in rows
            }
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ProjectsFileError(f"{file} cannot be read ({error}); name a CSV file") from error
