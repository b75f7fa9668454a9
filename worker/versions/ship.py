"""Makes a model version the one that nophoto ships.

In a checkout: `python -m nophoto.worker.versions.ship FOLDER`.
It takes the place of the shipped one, and the shipped references are embedded by it. Commit what
changed under `models/vision` afterwards.
"""

import sys
from pathlib import Path

from nophoto.models.vision.versions import replace_shipped
from nophoto.worker.versions.shipped_embeddings import write_embeddings


def main() -> None:
    """Ship the model version in the folder that is named on the command line."""
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m nophoto.worker.versions.ship FOLDER")
    version = replace_shipped(Path(sys.argv[1]))
    write_embeddings()
    print(f"shipped {version.id}")


if __name__ == "__main__":
    main()
