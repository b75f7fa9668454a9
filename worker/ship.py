"""Makes a model version the one that nophoto ships: `python -m worker.ship FOLDER`, in a checkout.

It takes the place of the shipped one, and the shipped references are embedded by it. Commit what
changed under `models/vision` afterwards.
"""

import sys
from pathlib import Path

from models.vision.versions import replace_shipped
from worker.shipped_embeddings import write_embeddings


def main() -> None:
    """Ship the model version in the folder that is named on the command line."""
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m worker.ship FOLDER")
    version = replace_shipped(Path(sys.argv[1]))
    write_embeddings()
    print(f"shipped {version.id}")


if __name__ == "__main__":
    main()
