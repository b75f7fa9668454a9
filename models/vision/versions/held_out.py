"""The held-out pictures of a model version: which they were, and what it made of each."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nophoto.models.vision.versions.directory import ModelVersion
from nophoto.models.vocabulary import Verdict

_FILE = "held-out.json"

Similarities = Mapping[str, float]
"""Of pictures with their nearest references, by the SHA-256 (hex) of the file."""


@dataclass(frozen=True, slots=True)
class HeldOutMistake:
    """A held-out picture that a version takes for what it is not.

    Attributes:
        digest: SHA-256 (hex) of the file.
        kind: what it is.
        similarity: with its nearest reference.
    """

    digest: str
    kind: Verdict
    similarity: float


def write_held_out(folder: Path, similarities: Mapping[Verdict, Similarities]) -> None:
    """Keep what a version made of the pictures that it was measured by, before it is sealed.

    Two versions that share such pictures can be compared long after the pictures are gone.
    """
    text = json.dumps({kind.value: dict(some) for kind, some in similarities.items()}, indent=0)
    (folder / _FILE).write_text(text + "\n", encoding="utf-8")


def read_held_out(version: ModelVersion) -> dict[Verdict, dict[str, float]]:
    """What `write_held_out` kept, by kind; nothing for a version that was trained without it."""
    if _FILE not in version.manifest.files:
        return {kind: {} for kind in Verdict}
    content = json.loads((version.folder / _FILE).read_text(encoding="utf-8"))
    return {kind: dict(content[kind.value]) for kind in Verdict}


def held_out_mistakes(version: ModelVersion) -> list[HeldOutMistake]:
    """Every held-out picture on the wrong side of the threshold, the furthest from it first."""
    threshold = version.manifest.threshold
    wrong = [
        HeldOutMistake(digest, kind, similarity)
        for kind, similarities in read_held_out(version).items()
        for digest, similarity in similarities.items()
        if (similarity >= threshold) != (kind == Verdict.PLACEHOLDER)
    ]
    return sorted(wrong, key=lambda each: (-abs(each.similarity - threshold), each.digest))
