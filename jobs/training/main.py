"""The program of a training worker: one call works on one run, by its number."""

import logging
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from nophoto.jobs.configuration import load_settings
from nophoto.jobs.database import open_database
from nophoto.jobs.training.leased_run import RunStoppedError, lease_of
from nophoto.models.errors import NophotoError
from nophoto.models.records import runs
from nophoto.models.records.tables import RunKind
from nophoto.models.subprocesses import python_module
from nophoto.worker.decoding.pool import decoders_of
from nophoto.worker.telemetry.logs import configure_logging

if TYPE_CHECKING:
    from nophoto.models.vision.training.fitting import Epoch

COMMAND = python_module("nophoto.jobs.training.main")

_log = logging.getLogger(__name__)


def main() -> int:
    """Work on the run that the command line names, unless another process does."""
    settings = load_settings()
    configure_logging(settings)
    # So that the run is queued again at once when its worker is told to stop.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    run_id = int(sys.argv[1])
    with open_database(settings) as database:
        with database.transaction() as session:
            claimed = runs.claim(session, run_id, lease_of(settings))
        if claimed is None or claimed.kind is not RunKind.RETRAIN:
            return 0
        _log.info("run %d: training, attempt %d", run_id, claimed.attempts)
        from nophoto.jobs.training.runner import execute_run

        try:
            done = execute_run(database, settings, decoders_of(settings), claimed, _Logged())
        except RunStoppedError as error:
            _log.info("%s", error)
        except NophotoError as error:
            _log.error("run %d failed: %s", run_id, error)
            return 1
        else:
            _log.info("run %d: trained %s", run_id, done.result["model_version"])
    return 0


class _Logged:
    """The progress of a training as lines in the log."""

    def on_picture(self, stage: str, done: int, total: int) -> None:
        """After every picture of a stage."""
        if done == total:
            _log.info("%s: %d", stage, total)

    def on_epoch(self, epoch: "Epoch") -> None:
        """After every point of the learning curve."""
        _log.info(
            "head from seed %d: step %d of %d, loss %.4f",
            epoch.seed,
            epoch.step,
            epoch.steps,
            epoch.loss,
        )

    def on_unreadable(self, path: Path, reason: str) -> None:
        """For every picture file that is left out."""
        _log.warning("left out %s: %s", path, reason)


if __name__ == "__main__":
    sys.exit(main())
