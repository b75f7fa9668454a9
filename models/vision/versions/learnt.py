"""Which files a version was trained on, by their content: kept with the version."""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from nophoto.models.vision.versions.directory import ModelVersion

_FILE = "data.json"


def file_digest(path: Path) -> str | None:
    """SHA-256 (hex) of a file; None where it cannot be read, as by the training."""
    try:
        return sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def write_data_digests(folder: Path, files: Mapping[str, Sequence[Path]]) -> None:
    """Write the digests of what was learnt, by kind, into a version that is not sealed yet."""
    digests = {
        kind: sorted({digest for path in paths if (digest := file_digest(path))})
        for kind, paths in files.items()
    }
    (folder / _FILE).write_text(json.dumps(digests, indent=0) + "\n", encoding="utf-8")


def learnt_digests(version: ModelVersion) -> frozenset[str]:
    """SHA-256 (hex) of every file that a version learnt; none where its training kept no list."""
    if _FILE not in version.manifest.files:
        return frozenset()
    content = json.loads((version.folder / _FILE).read_text(encoding="utf-8"))
    return frozenset(digest for digests in content.values() for digest in digests)
