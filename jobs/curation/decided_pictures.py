"""Decided pictures as a data set for anyone's training: Parquet, and a folder by class."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from nophoto.jobs.csv_output import write_csv
from nophoto.jobs.files import OutputError
from nophoto.jobs.uploads.parquet import pyarrow
from nophoto.models.records.database import Database
from nophoto.models.records.outcomes import decided
from nophoto.models.records.outcomes.decided import DecidedPicture
from nophoto.models.vision.pictures import PictureError
from nophoto.worker.storage.storage import Storage

_IN_A_GROUP = 200
"""Pictures that are held in memory at once: some hundred megabytes at most."""

_LONGEST_SUFFIX = 6


@dataclass(frozen=True, slots=True)
class Exported:
    """What became of an export: pictures by label, and how many could not be read any more."""

    placeholders: int
    real: int
    unreadable: int


def export_folder(database: Database, storage: Storage, folder: Path) -> Exported:
    """Write each decided picture once into `placeholder/` or `real/`, and `labels.csv` beside.

    The files are named by their content. `nophoto retrain --placeholders` and `--real` take both
    folders.

    Raises:
        OutputError: if the folder cannot be written.
    """
    counts = dict.fromkeys(("placeholder", "real"), 0)
    unreadable = 0
    rows: list[dict[str, Any]] = []
    try:
        for label in counts:
            (folder / label).mkdir(parents=True, exist_ok=True)
        for picture, data in _read(database, storage):
            if data is None:
                unreadable += 1
                continue
            name = f"{picture.label}/{picture.digest}{_suffix(picture.uri)}"
            (folder / name).write_bytes(data)
            counts[picture.label] += 1
            rows.append({"file": name, **_plain(picture)})
        with (folder / "labels.csv").open("w", newline="", encoding="utf-8") as file:
            write_csv(rows, ["file", *_FIELDS], file)
    except OSError as error:
        raise OutputError.of(folder, error) from error
    return Exported(counts["placeholder"], counts["real"], unreadable)


def export_parquet(database: Database, storage: Storage, file: Path) -> Exported:
    """Write each decided picture once, with its bytes in the column `picture`.

    The file appears whole or not at all.

    Raises:
        OutputError: if it cannot be written.
        ParquetMissingError: if pyarrow is not installed.
    """
    arrow = pyarrow()
    text, number = arrow.string(), arrow.float64()
    columns = dict.fromkeys(_FIELDS, text) | {"score": number, "weight": number}
    schema = arrow.schema([*columns.items(), ("picture", arrow.binary())])
    partial = file.with_name(f".{file.name}.partial")
    counts = dict.fromkeys(("placeholder", "real"), 0)
    unreadable = 0
    pictures = _read(database, storage)
    try:
        try:
            with arrow.parquet.ParquetWriter(partial, schema) as writer:
                while some := list(islice(pictures, _IN_A_GROUP)):
                    there = [(each, data) for each, data in some if data is not None]
                    unreadable += len(some) - len(there)
                    rows = [_plain(each) | {"picture": data} for each, data in there]
                    for each, _ in there:
                        counts[each.label] += 1
                    writer.write_table(arrow.Table.from_pylist(rows, schema))
            partial.replace(file)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError.of(file, error) from error
    return Exported(counts["placeholder"], counts["real"], unreadable)


_FIELDS = ("key", "digest", "label", "kind", "network", "score", "weight", "code", "reviewer")


def _read(database: Database, storage: Storage) -> Iterator[tuple[DecidedPicture, bytes | None]]:
    """Each decided picture and its bytes; None where others lie there by now, or none."""
    with database.reading() as session:
        pictures = list(decided.decided_pictures(session))
    for picture in pictures:
        try:
            data = storage.read(picture.uri)
        except PictureError:
            yield picture, None
            continue
        yield picture, data if sha256(data).hexdigest() == picture.digest else None


def _plain(picture: DecidedPicture) -> dict[str, Any]:
    values = asdict(picture)
    return {name: values[name] for name in _FIELDS}


def _suffix(uri: str) -> str:
    """The end of the file's name, if it is a usual one: it says nothing of what is in it."""
    suffix = PurePosixPath(urlsplit(uri).path).suffix.lower()
    is_usual = suffix[1:].isalnum() and suffix.isascii() and len(suffix) <= _LONGEST_SUFFIX
    return suffix if is_usual else ".picture"
