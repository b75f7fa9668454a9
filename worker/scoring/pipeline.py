"""From row ids to verdicts in the database: one chunk of uploads."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from time import monotonic
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from nophoto.models import outages
from nophoto.models.records import claims, embeddings
from nophoto.models.records.claims import Claim, ClaimedUpload, Failed, Judged
from nophoto.models.records.database import DATABASE_ERRORS, Database, is_fault_of_database
from nophoto.models.records.retrying import write
from nophoto.worker.concurrency.background import Behind
from nophoto.worker.concurrency.lease_renewal import keep_renewing
from nophoto.worker.decoding.pool import Decoders
from nophoto.worker.inference.embedder import (
    Embedded,
    EmbeddingResult,
    PictureFailure,
    Vector,
    picture_embedder,
)
from nophoto.worker.matching.active_judge import ActiveJudge
from nophoto.worker.matching.judge import Judge
from nophoto.worker.matching.verdicts import classify_uploads
from nophoto.worker.scoring.chunk import Chunk, ChunkReport
from nophoto.worker.scoring.releasing import Releaser
from nophoto.worker.settings import Settings
from nophoto.worker.storage.storage import Storage
from nophoto.worker.telemetry.logs import about, tell
from nophoto.worker.telemetry.metrics import count_chunk
from nophoto.worker.telemetry.stages import stage
from nophoto.worker.telemetry.tracing import annotate

_log = logging.getLogger(__name__)


class Pipeline:
    """Judges chunks of uploads, one after the other.

    Args:
        database: where the uploads are.
        judge: what judges them.
        settings: limits, threads, the lease.
        storage: where pictures may be read from.
        decoders: decode them.
    """

    def __init__(
        self,
        database: Database,
        judge: ActiveJudge,
        settings: Settings,
        storage: Storage,
        decoders: Decoders,
    ) -> None:
        self._database = database
        self._judge = judge
        self._settings = settings
        self._storage = storage
        self._decoders = decoders
        self._behind = Behind()
        self._releaser = Releaser(database)
        self._before: Chunk | None = None

    def score_chunk(self, ids: Sequence[int]) -> ChunkReport:
        """Judge those of `ids` that wait, and write all that came of them in one transaction.

        If the worker is told to stop meanwhile, or the database fails, they are queued again as if
        nothing had been. After any other error, or past the time limit, they stay claimed until
        the lease has passed: the attempt counts, so that a picture that ends every worker is given
        up some day.
        """
        chunk = self._begin(ids)
        with self._releasing(chunk.claim.token):
            return self._finish(chunk)

    def begin_chunk(self, ids: Sequence[int], on_written: Callable[[ChunkReport], None]) -> None:
        """The same, but return when the last picture is in the network's hands.

        So the next chunk is claimed, read and decoded while the end of this one is embedded, judged
        and written. What cannot be written, or was not when the process ends, is left to its lease.

        Args:
            ids: as of `score_chunk`.
            on_written: told what became of the chunk, in another thread.
        """
        chunk = self._begin(ids)

        def finish_and_tell() -> None:
            try:
                with self._releasing(chunk.claim.token):
                    report = self._finish(chunk)
            except DATABASE_ERRORS as error:
                with about(chunk=chunk.name):
                    outages.warn(_log, "a chunk was not written", error)
            else:
                on_written(report)

        self._behind.run(finish_and_tell)

    def finish(self) -> None:
        """Wait until all that was begun is written."""
        self._behind.wait()
        self._releaser.finish()

    def _begin(self, ids: Sequence[int]) -> Chunk:
        started = monotonic()
        # Before the claim: a worker that cannot judge takes nothing from one that can.
        judge = self._judge.current()
        token = uuid4()
        # A commit whose answer was lost may have happened.
        with self._releasing(token), stage("claim"), self._database.transaction() as session:
            claim = claims.claim(session, ids, self._settings.lease_seconds, token)
        chunk = Chunk(claim, judge, started)
        if not claim.uploads:
            return chunk
        annotate(chunk=chunk.name, keys=[upload.key for upload in claim.uploads])
        try:
            with self._releasing(token), about(chunk=chunk.name), self._renewing(claim):
                with stage("embed"):
                    chunk.scored = self._embed(chunk)
                self._behind.wait()
                self._before = chunk
        except (SystemExit, KeyboardInterrupt):
            with self._database.transaction() as session:
                claims.release(session, claim.token)
            raise
        return chunk

    def _finish(self, chunk: Chunk) -> ChunkReport:
        claim, judge, version_id = chunk.claim, chunk.judge, chunk.version_id
        if not claim.uploads:
            return ChunkReport(0, 0, 0, 0, 0, monotonic() - chunk.started)
        with about(chunk=chunk.name), self._renewing(claim):
            with stage("judge"):
                scored = chunk.scored()
                chunk.new |= scored.new
                verdicts, failed = _outcomes(claim.uploads, scored, judge)

            def record(session: Session) -> int:
                embeddings.remember(session, version_id, chunk.new)
                version = judge.references.version
                return claims.record_outcomes(
                    session, claim.token, verdicts, failed, version_id, version
                )

            with stage("write"):
                written = write(self._database, record, self._settings.lease_seconds)
        count_chunk(verdicts, failed, len(scored.new), version_id)
        keys = {upload.id: upload.key for upload in claim.uploads}
        for outcome in failed:
            key = keys[outcome.upload_id]
            tell(_log, "upload", key=key, failure=outcome.code, chunk=chunk.name)
        return ChunkReport(
            chunk=chunk.name,
            claimed=len(claim.uploads),
            judged=len(verdicts),
            failed=len(failed),
            written=written,
            embedded=len(scored.new),
            seconds=monotonic() - chunk.started,
        )

    @contextmanager
    def _releasing(self, token: UUID) -> Iterator[None]:
        """Have what `token` holds queued again if the database's own fault ends the block."""
        try:
            yield
        except DATABASE_ERRORS as error:
            if is_fault_of_database(error):
                self._releaser.add(token)
            raise

    def _renewing(self, claim: Claim) -> AbstractContextManager[None]:
        return keep_renewing(self._database, claim.token, self._settings.lease_seconds)

    def _embed(self, chunk: Chunk) -> Callable[[], EmbeddingResult]:
        def recall(digests: Sequence[str]) -> Mapping[str, Vector]:
            with self._database.reading() as session:
                known = embeddings.recall(session, digests, chunk.version_id)
            known |= self._lent([d for d in digests if d not in known], chunk)
            chunk.begun.update(d for d in digests if d not in known)
            return known

        network = chunk.judge.network
        embedder = picture_embedder(network, self._settings, self._decoders, self._storage.read)
        return embedder.start([upload.uri for upload in chunk.claim.uploads], recall)

    def _lent(self, digests: Sequence[str], chunk: Chunk) -> dict[str, Vector]:
        """What the chunk before has embedded and may not have written yet."""
        before = self._before
        if before is None or before.version_id != chunk.version_id:
            return {}
        if before.begun.isdisjoint(digests):
            return {}
        self._behind.wait()
        lent = {digest: before.new[digest] for digest in digests if digest in before.new}
        # Written with this chunk as well: that one may have been given up.
        chunk.new |= lent
        return lent


def _outcomes(
    uploads: Sequence[ClaimedUpload], scored: EmbeddingResult, judge: Judge
) -> tuple[list[Judged], list[Failed]]:
    found: list[tuple[int, Embedded]] = []
    failed: list[Failed] = []
    for upload, outcome in zip(uploads, scored.outcomes, strict=True):
        if isinstance(outcome, PictureFailure):
            failed.append(Failed(upload.id, outcome.digest, outcome.code, outcome.message))
        else:
            found.append((upload.id, outcome))
    return classify_uploads(
        [upload_id for upload_id, _ in found],
        [embedded.digest for _, embedded in found],
        [embedded.vector for _, embedded in found],
        judge,
    ), failed
