"""A rescoring, one step at a time: any worker can take the next."""

import logging
from time import monotonic

from celery import Celery

from nophoto.models.records import runs
from nophoto.models.records.database import Database
from nophoto.models.records.rescoring import chunks
from nophoto.models.records.rescoring.chunks import (
    AT_ONCE,
    TO_COMPARE,
    TO_WRITE,
    claim_to_compare,
    claim_to_write,
)
from nophoto.models.records.runs import ClaimedRun
from nophoto.models.vision.versions import ModelVersionError
from nophoto.worker.decoding.pool import Decoders
from nophoto.worker.matching.active_judge import ActiveJudge
from nophoto.worker.rescoring.chunk_steps import compare_chunks, write_chunks
from nophoto.worker.rescoring.decide import end_phase
from nophoto.worker.rescoring.pinned_judge import ModelChangedError, PinnedJudge
from nophoto.worker.rescoring.plan import plan
from nophoto.worker.rescoring.progress import begin, progress_of
from nophoto.worker.rescoring.shared_run import HELPERS, RunLostError, SharedRun
from nophoto.worker.settings import Settings
from nophoto.worker.storage.storage import Storage

_LEFT_SECONDS = 60.0
"""For which a process leaves a run to others after it could not open the version."""

_log = logging.getLogger(__name__)


class Rescoring:
    """Works on rescorings.

    Every upload is compared before any verdict is written, so that a run which would turn too
    much over has changed nothing when it stops and asks.

    Args:
        database: where the uploads and the runs are.
        judge: what judges.
        settings: sizes, the lease, the guard.
        app: whose broker is told of failed uploads that are queued again.
        storage: where pictures may be read from.
        decoders: decode them.
    """

    def __init__(
        self,
        database: Database,
        judge: ActiveJudge,
        settings: Settings,
        app: Celery,
        storage: Storage,
        decoders: Decoders,
    ) -> None:
        self._database = database
        self._pinned = PinnedJudge(database, judge, settings, decoders)
        self._settings = settings
        self._app = app
        self._storage = storage
        self._decoders = decoders
        self._left: tuple[int, float] | None = None

    def step(self, run_id: int) -> int:
        """Do the next piece of a run: plan it, compare some chunks, decide, or write some.

        Returns:
            How many messages for the run are to be sent: none where it is over, waits for
            somebody, or is left to those who work on the rest of it.
        """
        if self._left and self._left[0] == run_id and monotonic() < self._left[1]:
            return 0
        with self._database.transaction() as session:
            claimed = runs.claim(session, run_id, self._settings.lease_seconds)
            run = claimed or runs.join(session, run_id)
        if run is None:
            return 0
        shared = SharedRun(self._database, run, self._settings.lease_seconds)
        try:
            if claimed is not None:
                return self._take_up(shared)
            return self._work(shared) if run.progress else 0
        except ModelVersionError as error:
            if claimed is None:
                _log.error("run %d goes on without this worker: %s", run.id, error)
                self._leave(run)
            else:
                self._give_back(claimed, error)
        except ModelChangedError as error:
            with self._database.transaction() as session:
                runs.fail(session, run.token, str(error))
            _log.error("run %d failed: %s", run.id, error)
        except RunLostError:
            _log.info("run %d goes on without this worker", run.id)
        return 0

    def _give_back(self, run: ClaimedRun, error: ModelVersionError) -> None:
        """Let a worker that can open the version have the run, unless too many could not."""
        if run.attempts < self._settings.max_attempts:
            with self._database.transaction() as session:
                runs.put_back(session, run.token)
            _log.error("run %d is left to another worker: %s", run.id, error)
            self._leave(run)
            return
        reason = (
            f"{error}. {run.attempts} attempts ended so. Mend that, and go on with `nophoto runs "
            f"resume {run.id}`"
        )
        with self._database.transaction() as session:
            runs.fail(session, run.token, reason)
        _log.error("run %d failed: %s", run.id, reason)
        self._left = None  # resuming it means that this was mended

    def _leave(self, run: ClaimedRun) -> None:
        # Or the worker that has nothing else to do would take it up each time.
        self._left = run.id, monotonic() + _LEFT_SECONDS

    def _take_up(self, shared: SharedRun) -> int:
        run = shared.run
        if run.progress is None:
            return plan(shared, self._pinned, self._settings, self._app)
        with self._database.transaction() as session:
            progress = shared.lock(session)
            if progress["phase"] == "asks":
                # Resuming it was the answer.
                begin(session, progress, "write", progress["changed"])
            else:
                begin(session, progress, progress["phase"], progress["total"], progress["done"])
            runs.report_progress(session, run.token, progress)
            return min(HELPERS, chunks.count(session, run.id))

    def _work(self, shared: SharedRun) -> int:
        run = shared.run
        progress = progress_of(run)
        settings = self._settings
        step = TO_COMPARE if progress["phase"] == "compare" else TO_WRITE
        with self._database.transaction() as session:
            if step == TO_COMPARE:
                # To embed the pictures of one takes long enough.
                at_once = 1 if progress["pictures"] else AT_ONCE
                claimed = claim_to_compare(session, run.id, settings.lease_seconds, at_once)
            else:
                size = settings.rescore_chunk_size
                claimed = claim_to_write(session, run.id, settings.lease_seconds, size)
            if not claimed and chunks.is_left(session, run.id, step):
                return 0
        if not claimed:
            return end_phase(shared, progress["phase"], settings)
        with shared.keep(claimed):
            if step == TO_COMPARE:
                compare_chunks(
                    shared, claimed, self._pinned, settings, self._storage, self._decoders
                )
            else:
                write_chunks(shared, claimed)
        return 1
