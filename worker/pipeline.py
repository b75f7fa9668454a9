"""From row ids to verdicts in the database: one chunk of uploads."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic

import numpy as np
from sqlalchemy.orm import Session

from models.records import claims, embeddings
from models.records.claims import Claim, ClaimedUpload, Failed, Judged
from models.records.database import Database
from models.records.retrying import write
from models.vision.similarity import Judgement
from worker.active import ActiveJudge, Judge
from worker.heartbeat import keep_renewing
from worker.scoring import Embedded, PictureFailure, Scored, Vector, scorer_of
from worker.settings import Settings
from worker.storage import Storage, storage_of

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ChunkReport:
    """What became of one chunk.

    Attributes:
        claimed: of its ids, those that were to be judged; the others were done or held by another.
        judged: verdicts that were made.
        failed: failures.
        written: outcomes that were written; fewer than were made if the lease passed meanwhile.
        embedded: pictures that went through the network.
        seconds: from the claim to the commit.
        chunk: by which the log names it; empty where nothing was claimed.
    """

    claimed: int
    judged: int
    failed: int
    written: int
    embedded: int
    seconds: float
    chunk: str = ""


class Pipeline:
    """Judges chunks of uploads, one after the other.

    Args:
        database: where the uploads are.
        judge: what judges them.
        settings: limits, threads, the lease.
        storage: where pictures may be read from; the roots of `settings` by default.
    """

    def __init__(
        self,
        database: Database,
        judge: ActiveJudge,
        settings: Settings,
        storage: Storage | None = None,
    ) -> None:
        self._database = database
        self._judge = judge
        self._settings = settings
        self._storage = storage or storage_of(settings)

    def score_chunk(self, ids: Sequence[int]) -> ChunkReport:
        """Judge those of `ids` that wait, and write all that came of them in one transaction.

        If the worker is told to stop meanwhile, they are queued again as if nothing had been.
        After any other error, or past the time limit, they stay claimed until the lease has
        passed: the attempt counts, so that a picture that ends every worker is given up some day.
        """
        started = monotonic()
        # Before the claim: a worker that cannot judge takes nothing from one that can.
        judge = self._judge.current()
        with self._database.transaction() as session:
            claim = claims.claim(session, ids, self._settings.lease_seconds)
        if not claim.uploads:
            return ChunkReport(0, 0, 0, 0, 0, monotonic() - started)
        name = claim.token.hex[:12]
        version_id = judge.network.version.id
        try:
            with keep_renewing(self._database, claim.token, self._settings.lease_seconds):
                scored = self._embed(claim, judge)
                judged, failed = _outcomes(claim.uploads, scored, judge)

                def record(session: Session) -> int:
                    embeddings.remember(session, version_id, scored.new)
                    return claims.record_outcomes(
                        session,
                        claim.token,
                        judged,
                        failed,
                        version_id,
                        judge.references.version,
                    )

                written = write(self._database, record, self._settings.lease_seconds)
        except (SystemExit, KeyboardInterrupt):
            with self._database.transaction() as session:
                claims.release(session, claim.token)
            raise
        keys = {upload.id: upload.key for upload in claim.uploads}
        for outcome in failed:
            _log.info(
                "upload key=%r failure=%s chunk=%s", keys[outcome.upload_id], outcome.code, name
            )
        return ChunkReport(
            chunk=name,
            claimed=len(claim.uploads),
            judged=len(judged),
            failed=len(failed),
            written=written,
            embedded=len(scored.new),
            seconds=monotonic() - started,
        )

    def _embed(self, claim: Claim, judge: Judge) -> Scored:
        def recall(digests: Sequence[str]) -> Mapping[str, Vector]:
            with self._database.reading() as session:
                return embeddings.recall(session, digests, judge.network.version.id)

        scorer = scorer_of(judge.network, self._settings, self._storage)
        return scorer.embed([upload.uri for upload in claim.uploads], recall)


def _outcomes(
    uploads: Sequence[ClaimedUpload], scored: Scored, judge: Judge
) -> tuple[list[Judged], list[Failed]]:
    found: list[tuple[int, Embedded]] = []
    failed: list[Failed] = []
    for upload, outcome in zip(uploads, scored.outcomes, strict=True):
        if isinstance(outcome, PictureFailure):
            failed.append(Failed(upload.id, outcome.digest, outcome.code, outcome.message))
        else:
            found.append((upload.id, outcome))
    if not found:
        return [], failed
    vectors = np.stack([embedded.vector for _, embedded in found])
    judgements = judge.network.judge(vectors, judge.references.vectors)
    judged = [
        _judged(upload_id, embedded, judgement, judge)
        for (upload_id, embedded), judgement in zip(found, judgements, strict=True)
    ]
    return judged, failed


def _judged(upload_id: int, embedded: Embedded, judgement: Judgement, judge: Judge) -> Judged:
    nearest = judgement.nearest
    return Judged(
        upload_id=upload_id,
        digest=embedded.digest,
        verdict=judgement.verdict,
        needs_review=judgement.needs_review,
        similarity=judgement.similarity,
        nearest_reference_id=None if nearest is None else judge.references.members[nearest].id,
    )
