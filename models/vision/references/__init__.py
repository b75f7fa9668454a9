"""The reference set that the package ships: placeholder pictures of our own drawing."""

import csv
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from nophoto.models.errors import NophotoError

__all__ = ["ReferencesError", "ShippedReference", "shipped_references"]

PICTURES = Path(__file__).with_name("pictures")
INDEX = Path(__file__).with_name("index.csv")
SUFFIX = ".webp"


class ReferencesError(NophotoError):
    """A shipped reference picture is missing or is not the one that was shipped."""


@dataclass(frozen=True)
class ShippedReference:
    """One picture of the shipped reference set.

    Attributes:
        name: its kind and a number, such as `silhouette-003`.
        kind: the kind of drawing, one of `nophoto.models.vision.drawing.KINDS`.
        seed: the seed that draws it.
        data: the bytes of the picture file.
        digest: their SHA-256, in hexadecimal.

    """

    name: str
    kind: str
    seed: int
    data: bytes
    digest: str


def shipped_references() -> list[ShippedReference]:
    """Read the shipped reference set, in the order of its index.

    Raises:
        ReferencesError: if a picture is missing or its digest is not the index's.

    """
    with INDEX.open(newline="", encoding="utf-8") as rows:
        return [
            _read(row["name"], row["kind"], int(row["seed"]), row["sha256"])
            for row in csv.DictReader(rows)
        ]


def _read(name: str, kind: str, seed: int, expected: str) -> ShippedReference:
    path = PICTURES / (name + SUFFIX)
    if not path.is_file():
        raise ReferencesError(f"the reference picture {path} is missing; install nophoto again")
    data = path.read_bytes()
    digest = sha256(data).hexdigest()
    if digest != expected:
        raise ReferencesError(
            f"the reference picture {path} is not the one that was shipped (its SHA-256 is "
            f"{digest}, not {expected}); install nophoto again"
        )
    return ShippedReference(name, kind, seed, data, digest)
