"""Where the held-out pictures lie that a version takes for what they are not."""

from collections.abc import Sequence
from pathlib import Path

from nophoto.models.records.runs import RunRow, retrain_result
from nophoto.models.vision.versions import ModelVersion, held_out_mistakes

NAMED = 24
"""Mistakes whose files a run names, the worst ones."""


def mistaken_files(version: ModelVersion, files: Sequence[Path]) -> dict[str, str]:
    """The files of the worst mistakes by their digests (hex), for people who will look at them.

    A version holds the digests alone: it may be given to others, whom no path concerns.

    Args:
        version: that was measured by `files`.
        files: held-out pictures that are still there when somebody looks.
    """
    from nophoto.models.vision.versions.learnt import file_digest

    wanted = {mistake.digest for mistake in held_out_mistakes(version)[:NAMED]}
    found: dict[str, str] = {}
    for path in files:
        if len(found) == len(wanted):
            break
        digest = file_digest(path)
        if digest in wanted:
            found[digest] = str(path.absolute())
    return found


def named_files(run: RunRow) -> dict[str, str]:
    """What `mistaken_files` found for a retraining; nothing for one of an earlier nophoto."""
    result = retrain_result(run)
    return {} if result is None else result.get("held_out_files", {})
