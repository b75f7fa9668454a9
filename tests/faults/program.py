"""`nophoto worker` with tripwires: the same entry, in processes of its own."""

import os
import sys
from pathlib import Path
from typing import Any

from celery import signals

from nophoto.models.errors import NophotoError
from nophoto.worker.process.scoring_worker import run_worker
from nophoto.worker.settings import settings
from tests.faults.tripwires import install


def _lay_wires(**_: Any) -> None:
    install(Path(os.environ["FAULTS_FOLDER"]))


if __name__ == "__main__":
    # Before the warm-up, which a connection made earlier precedes.
    signals.worker_process_init.connect(_lay_wires, weak=False)
    try:
        sys.exit(run_worker(settings()))
    except NophotoError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)
