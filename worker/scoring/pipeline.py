"""From row ids to verdicts in the database: one chunk of uploads."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import monotonic
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from nophoto.models.records.database import DATABASE_ERRORS, Database, is_fault_of_database
from nophoto.models.records.retrying import write
from nophoto.models.records.review import spot_check_draws
from nophoto.models.records.scoring import claims, embeddings
from nophoto.models.records.scoring.claims import Claim, ClaimedUpload
from nophoto.models.records.scoring.outcomes import Failed, Judged, record_outcomes
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
from nophoto.worker.scoring.chunk import Chunk, ChunkReport, nothing_to_borrow
from nophoto.worker.scoring.releasing import Releaser
from nophoto.worker.scoring.shares import shares_of
from nophoto.worker.settings import Settings
from nophoto.worker.storage.storage import Storage
from nophoto.worker.telemetry.logs import log_context, log_event
from nophoto.worker.telemetry.metrics import count_chunk
from nophoto.worker.telemetry.stages import stage
from nophoto.worker.telemetry.tracing import annotate

Borrow = Callable[[str, Sequence[str]], Mapping[str, Vector]]
"""Of a model version and digests: embeddings that were made and may not be stored yet."""

_log = logging.getLogger(__name__)


class Pipeline:
    """Judges chunks of uploads: claim, read, recall, decode, embed, classify, write.

    `start` does so as far as to the network, and `complete` the rest: `OverlappingChunks` completes
    a chunk while the next one starts.

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
        self._releaser = Releaser(database)
        self._shares = shares_of(settings)

    def score_chunk(self, ids: Sequence[int]) -> ChunkReport:
        """Judge those of `ids` that wait, and write all that came of them in one transaction.

        If the worker is told to stop meanwhile, or the database fails, they are queued again as if
        nothing had been. After any other error, or past the time limit, they stay claimed until
        the lease has passed: the attempt counts, so that a picture that ends every worker is given
        up some day.
        """
        return self.complete(self.start(ids))

    def start(self, ids: Sequence[int], borrow: Borrow = nothing_to_borrow) -> Chunk:
        """Claim a chunk, and return when its last picture is in the network's hands."""
        started = monotonic()
        # Before the claim: a worker that cannot judge takes nothing from one that can.
        judge = self._judge.current()
        with stage("claim"):
            claim = self._claim(ids)
        embedder = picture_embedder(
            judge.network, self._settings, self._decoders, self._storage.read
        )
        chunk = Chunk(claim, judge, embedder.begin(), started)
        if not claim.uploads:
            return chunk
        annotate(chunk=chunk.name, keys=[upload.key for upload in claim.uploads])
        with self.holding(chunk), stage("embed"), chunk.job as job:
            for block in embedder.read(chunk.uris):  # in threads, ahead of what follows
                files = job.add(block)
                known = self._recall(list(files), chunk, borrow)
                job.decode_and_embed(files, known)  # in threads
        return chunk

    def complete(self, chunk: Chunk) -> ChunkReport:
        """Wait for the network, and judge and write the uploads of a chunk."""
        if not chunk.claim.uploads:
            return ChunkReport(0, 0, 0, 0, 0, monotonic() - chunk.started)
        with self.holding(chunk):
            with stage("judge"):
                result = chunk.job.result(chunk.uris)
                verdicts, failed = _classify(chunk.claim.uploads, result, chunk.judge)
            chunk.vectors |= result.new
            with stage("write"):
                written = self._write(chunk, verdicts, failed)
        names = {upload.id: upload.collection for upload in chunk.claim.uploads}
        count_chunk(verdicts, failed, len(result.new), chunk.version_id, names)
        _log_failures(chunk, failed)
        return ChunkReport(
            chunk=chunk.name,
            claimed=len(chunk.claim.uploads),
            judged=len(verdicts),
            failed=len(failed),
            written=written,
            embedded=len(result.new),
            seconds=monotonic() - chunk.started,
        )

    @contextmanager
    def holding(self, chunk: Chunk) -> Iterator[None]:
        """Hold a chunk's uploads while the block runs, and give them back where it cannot go on.

        They are queued again at once where the worker is told to stop, and as soon as the database
        answers where it failed by its own fault.
        """
        token = chunk.claim.token
        renewing = keep_renewing(self._database, token, self._settings.lease_seconds)
        try:
            with self._releasing(token), log_context(chunk=chunk.name), renewing:
                yield
        except (SystemExit, KeyboardInterrupt):
            with self._database.transaction() as session:
                claims.release(session, token)
            raise

    def close(self) -> None:
        """Wait until what a failing database interrupted is queued again."""
        self._releaser.finish()

    def _claim(self, ids: Sequence[int]) -> Claim:
        token = uuid4()
        # A commit whose answer was lost may have happened.
        with self._releasing(token), self._database.transaction() as session:
            return claims.claim(session, ids, self._settings.lease_seconds, token)

    def _recall(self, digests: Sequence[str], chunk: Chunk, borrow: Borrow) -> dict[str, Vector]:
        """The embeddings that are stored, or that the chunk before has made."""
        if not digests:
            return {}
        with self._database.reading() as session:
            known = dict(embeddings.recall(session, digests, chunk.version_id))
        borrowed = borrow(chunk.version_id, [d for d in digests if d not in known])
        # Written with this chunk as well: that one may have been given up.
        chunk.vectors |= borrowed
        return known | dict(borrowed)

    def _write(self, chunk: Chunk, verdicts: Sequence[Judged], failed: Sequence[Failed]) -> int:
        """Write all that came of a chunk in one transaction; how many outcomes were written."""

        def record(session: Session) -> int:
            written = record_outcomes(
                session,
                chunk.claim.token,
                verdicts,
                failed,
                chunk.version_id,
                chunk.judge.references.version,
                chunk.vectors,
            )
            if written:
                spot_check_draws.draw(session, verdicts, chunk.version_id, self._shares)
            return written

        return write(self._database, record, self._settings.lease_seconds)

    @contextmanager
    def _releasing(self, token: UUID) -> Iterator[None]:
        """Have what `token` holds queued again if the database's own fault ends the block."""
        try:
            yield
        except DATABASE_ERRORS as error:
            if is_fault_of_database(error):
                self._releaser.add(token)
            raise


def _classify(
    uploads: Sequence[ClaimedUpload], result: EmbeddingResult, judge: Judge
) -> tuple[list[Judged], list[Failed]]:
    """The verdicts on the pictures that were embedded, and the failures of the others."""
    embedded: list[tuple[ClaimedUpload, Embedded]] = []
    failed: list[Failed] = []
    for upload, outcome in zip(uploads, result.outcomes, strict=True):
        if isinstance(outcome, PictureFailure):
            failed.append(Failed(upload.id, outcome.digest, outcome.code, outcome.message))
        else:
            embedded.append((upload, outcome))
    verdicts = classify_uploads(
        [upload.id for upload, _ in embedded],
        [picture.digest for _, picture in embedded],
        [picture.vector for _, picture in embedded],
        judge,
        [upload.collection for upload, _ in embedded] if judge.collections else (),
    )
    return verdicts, failed


def _log_failures(chunk: Chunk, failed: Sequence[Failed]) -> None:
    keys = {upload.id: upload.key for upload in chunk.claim.uploads}
    for outcome in failed:
        key = keys[outcome.upload_id]
        log_event(_log, "upload", key=key, failure=outcome.code, chunk=chunk.name)
