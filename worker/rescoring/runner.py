"""A rescoring, one step at a time: any worker can take the next."""

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from time import monotonic
from typing import cast

from celery import Celery
from sqlalchemy.orm import Session

from nophoto.models.reasons import held_as_sudden, in_english
from nophoto.models.records import collections, references, runs
from nophoto.models.records.collections import CollectionRow
from nophoto.models.records.database import Database
from nophoto.models.records.notifications import outbox
from nophoto.models.records.outcomes.failures import requeue
from nophoto.models.records.outcomes.results import ResultFilter
from nophoto.models.records.rescoring import (
    RescoreParameters,
    Scope,
    Source,
    asks_for_failures,
    changes,
    chunks,
    read_block,
    survey,
    write_changes,
)
from nophoto.models.records.rescoring.chunks import TO_COMPARE, TO_WRITE, WRITTEN, ClaimedChunk
from nophoto.models.records.rescoring.tally import Tally
from nophoto.models.records.retrying import write
from nophoto.models.records.runs import ClaimedRun
from nophoto.models.records.runs.documents import Phase, RescoreProgress
from nophoto.models.records.scoring.sweep import mark_published
from nophoto.models.records.tables import Lane
from nophoto.models.records.versions import model_versions
from nophoto.models.vision.versions import ModelVersionError
from nophoto.worker.broker.publisher import publish_chunks
from nophoto.worker.concurrency.lease_renewal import renew_in_background
from nophoto.worker.decoding.pool import Decoders
from nophoto.worker.matching.active_judge import ActiveJudge, active_version
from nophoto.worker.matching.judge import Judge
from nophoto.worker.rescoring.cohort import refresh_cohort
from nophoto.worker.rescoring.compare import compare
from nophoto.worker.rescoring.embed import embed_chunk
from nophoto.worker.rescoring.guard import held_back, question, total
from nophoto.worker.rescoring.pinned_judge import ModelChangedError, PinnedJudge
from nophoto.worker.rescoring.progress import begin, measure, progress_of, result_of
from nophoto.worker.settings import Settings
from nophoto.worker.storage.storage import Storage

HELPERS = 16
"""Workers that take part in one run, at most: a message for each goes round."""

_LEFT_SECONDS = 60.0
"""For which a process leaves a run to others after it could not open the version."""

_REQUEUED_AT_ONCE = 1_000

_log = logging.getLogger(__name__)


class _LostError(Exception):
    """The run was paused, cancelled or taken over: what was being written is not."""


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
        """Do the next piece of a run: plan it, compare a chunk, decide, or write a chunk.

        Returns:
            How many messages for the run are to be sent: none where it is over, waits for
            somebody, or is left to those who work on the rest of it.
        """
        if self._left and self._left[0] == run_id and monotonic() < self._left[1]:
            return 0
        lease = self._settings.lease_seconds
        with self._database.transaction() as session:
            claimed = runs.claim(session, run_id, lease)
            run = claimed or runs.join(session, run_id)
        if run is None:
            return 0
        try:
            if claimed is not None:
                return self._take_up(claimed)
            return self._work(run) if run.progress else 0
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
        except _LostError:
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

    def _take_up(self, run: ClaimedRun) -> int:
        if run.progress is None:
            return self._plan(run)
        with self._database.transaction() as session:
            progress = self._lock(session, run)
            if progress["phase"] == "asks":
                # Resuming it was the answer.
                begin(session, progress, "write", progress["changed"])
            else:
                begin(session, progress, progress["phase"], progress["total"], progress["done"])
            runs.report_progress(session, run.token, progress)
            return min(HELPERS, chunks.count(session, run.id))

    def _plan(self, run: ClaimedRun) -> int:
        parameters = RescoreParameters.from_dict(run.parameters)
        with self._keep(run):
            requeued = 0
            if asks_for_failures(parameters.filters) and not parameters.dry_run:
                requeued = self._requeue(parameters)
            if parameters.filters == ResultFilter() and not parameters.dry_run:
                refresh_cohort(self._database)
            with self._database.reading() as session:
                if parameters.model is None:
                    version = active_version(model_versions.active(session), self._database)
                else:
                    version = model_versions.get(session, parameters.model)
                set_version = references.current_version(session)
                rows = collections.list_all(session)
                scope = Scope(parameters.filters, version.id, version.dimension)
                found = survey(session, scope)
            # The references are embedded before any chunk waits for them.
            self._judge_of(parameters, version.id, set_version, rows)
            with self._database.transaction() as session:
                progress = RescoreProgress(
                    model_version_id=version.id,
                    dimension=version.dimension,
                    reference_set_version=set_version,
                    collections=[row.as_dict() for row in rows],
                    pictures=found.pictures,
                    queued_again=requeued,
                )
                begin(session, progress, "compare", found.total)
                count = chunks.cut(
                    session,
                    run.id,
                    found.first_id,
                    found.last_id,
                    self._settings.rescore_chunk_size,
                )
                if not runs.report_progress(session, run.token, progress):
                    raise _LostError
        _log.info("run %d: %d uploads in %d chunks", run.id, found.total, count)
        return max(1, min(HELPERS, count))

    def _judge_of(
        self,
        parameters: RescoreParameters,
        version_id: str,
        set_version: int,
        rows: Sequence[CollectionRow],
    ) -> Judge:
        if parameters.model is None:
            self._pinned.forget_other()
            return self._pinned.get(version_id, set_version, rows)
        return self._pinned.get_other(version_id, set_version, rows)

    def _requeue(self, parameters: RescoreParameters) -> int:
        count = 0
        while True:
            with self._database.transaction() as session:
                found = requeue(session, parameters.filters, _REQUEUED_AT_ONCE, Lane.BULK)
            if not found:
                return count
            ids = [upload.id for upload in found]
            publish_chunks(self._app, ids, lane=Lane.BULK, chunk_size=self._settings.chunk_size)
            with self._database.transaction() as session:
                mark_published(session, ids)
            count += len(ids)

    def _work(self, run: ClaimedRun) -> int:
        progress = progress_of(run)
        step = TO_COMPARE if progress["phase"] == "compare" else TO_WRITE
        with self._database.transaction() as session:
            chunk = chunks.claim(session, run.id, step, self._settings.lease_seconds)
            if chunk is None and chunks.is_left(session, run.id, step):
                return 0
        if chunk is None:
            return self._advance(run, progress["phase"])
        with self._keep(run, chunk):
            if step == TO_COMPARE:
                self._compare(run, chunk)
            else:
                self._write(run, chunk)
        return 1

    def _compare(self, run: ClaimedRun, chunk: ClaimedChunk) -> None:
        progress = progress_of(run)
        parameters = RescoreParameters.from_dict(run.parameters)
        # A run that a nophoto without collections has planned names none.
        rows = [CollectionRow.from_dict(row) for row in progress.get("collections", [])]
        version_id = progress["model_version_id"]
        set_version = progress["reference_set_version"]
        judge = self._judge_of(parameters, version_id, set_version, rows)
        apart = tuple(judge.collections)
        scope = Scope(parameters.filters, version_id, progress["dimension"], apart)
        tally = Tally()
        if progress["pictures"]:
            embedded = embed_chunk(
                self._database,
                judge,
                self._settings,
                self._storage,
                self._decoders,
                chunk,
                scope,
                requeue=not parameters.dry_run,
            )
            tally = embedded.as_tally()
            if not embedded.is_done:
                self._report(run, 0, lambda session: chunks.put_back(session, chunk, tally))
                return
        with self._database.reading() as session:
            block = read_block(session, scope, chunk.first_id, chunk.last_id)
        compared = compare(block, judge, apart)

        def keep(session: Session) -> bool:
            ids = chunk.first_id, chunk.last_id
            changes.keep(session, run.id, *ids, compared.changes)
            step = TO_WRITE if len(compared.changes) else WRITTEN
            return chunks.take_step(session, chunk, step, tally | compared.tally)

        self._report(run, len(block) + sum(tally.get("failures", {}).values()), keep)

    def _write(self, run: ClaimedRun, chunk: ClaimedChunk) -> None:
        progress = progress_of(run)
        source = Source(run.id, progress["model_version_id"], progress["reference_set_version"])
        held = [int(name) for name in progress["quarantined"]]

        def keep(session: Session) -> bool:
            ids = chunk.first_id, chunk.last_id
            written = write_changes(session, source, *ids, held)
            outbox.add(session, written.flipped)
            tally = chunk.tally | Tally(written=written.verdicts, held=written.held)
            return chunks.take_step(session, chunk, WRITTEN, tally)

        self._report(run, chunk.tally["changed"], keep)

    def _report(self, run: ClaimedRun, done: int, keep: Callable[[Session], bool]) -> None:
        """Keep what came of a chunk and how far the run is, both or neither."""

        def work(session: Session) -> None:
            if not keep(session):
                raise _LostError
            # Last, since every worker on the run waits for this row.
            progress = self._lock(session, run)
            progress["done"] += done
            measure(session, progress)
            runs.report_progress(session, run.token, progress)
            runs.renew(session, run.token, self._settings.lease_seconds)

        write(self._database, work, self._settings.lease_seconds)

    def _advance(self, run: ClaimedRun, phase: Phase) -> int:
        parameters = RescoreParameters.from_dict(run.parameters)
        with self._database.transaction() as session:
            progress = self._lock(session, run)
            if progress["phase"] != phase:
                return 0  # another was faster
            totals = total(chunks.tallies(session, run.id))
            open_question = None
            if phase == "compare":
                held = held_back(totals, parameters.trusted, self._settings)
                progress["changed"] = totals.counts["changed"]
                progress["quarantined"] = {
                    str(one): in_english(held_as_sudden(one)) for one in held
                }
                open_question = question(totals, held, self._settings)
                if not parameters.dry_run:
                    if open_question and not parameters.yes:
                        progress["phase"] = "asks"
                        progress["question"] = open_question
                        runs.hold(session, run.token, progress)
                        _log.warning("run %d waits for approval: %s", run.id, open_question)
                        return 0
                    begin(session, progress, "write", totals.counts["changed"])
                    runs.report_progress(session, run.token, progress)
                    return min(HELPERS, chunks.count(session, run.id)) or 1
            set_version = references.current_version(session)
            runs.finish(session, run.token, result_of(totals, progress, open_question, set_version))
        _log.info(
            "run %d done: compared=%d written=%d held=%d",
            run.id,
            totals.counts["compared"],
            totals.counts["written"],
            totals.counts["held"],
        )
        return 0

    def _lock(self, session: Session, run: ClaimedRun) -> RescoreProgress:
        progress = runs.lock(session, run.token)
        if progress is None:
            raise _LostError
        return cast(RescoreProgress, progress)

    def _keep(
        self, run: ClaimedRun, chunk: ClaimedChunk | None = None
    ) -> AbstractContextManager[object]:
        lease = self._settings.lease_seconds

        def renew(session: Session) -> None:
            # In the order in which `_report` writes them, so that neither waits in a ring.
            if chunk is not None:
                chunks.renew(session, chunk, lease)
            runs.renew(session, run.token, lease)

        return renew_in_background(self._database, renew, lease)
