"""Embedding the pictures of a chunk that the network has not seen yet."""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic

from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle.replacing import queue_again
from nophoto.models.records.rescoring import Scope, Unembedded, judged_digests, unembedded
from nophoto.models.records.rescoring.chunks import ClaimedChunk
from nophoto.models.records.rescoring.tally import Tally
from nophoto.models.records.scoring import embeddings
from nophoto.models.records.tables import Lane
from nophoto.models.vocabulary import FailureCode
from nophoto.worker.decoding.pool import Decoders
from nophoto.worker.inference.embedder import Embedded, EmbeddingResult, picture_embedder
from nophoto.worker.matching.judge import Judge
from nophoto.worker.settings import Settings
from nophoto.worker.storage.storage import Storage

SECONDS = 20.0
"""For one message; the rest of the chunk goes behind other bulk work."""


_ENDED_DECODER = (FailureCode.CRASHED, FailureCode.TIMEOUT)
"""Failures for which somebody has to look at the file; missing files may be many."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class EmbedProgress:
    """How far the pictures of a chunk are embedded.

    Attributes:
        reached: the id of the last upload that was looked at.
        embedded: pictures that went through the network.
        replaced: uploads whose file holds other bytes than those that were judged.
        failures: how many could not be embedded, by code.
        is_done: whether all were looked at.
    """

    reached: int
    embedded: int = 0
    replaced: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    is_done: bool = False

    @classmethod
    def of(cls, chunk: ClaimedChunk) -> "EmbedProgress":
        """Where the chunk's tally says that it was left."""
        tally = chunk.tally
        return cls(
            tally.get("reached", chunk.first_id - 1),
            tally.get("embedded", 0),
            tally.get("replaced", 0),
            Counter(tally.get("failures", {})),
        )

    def as_tally(self) -> Tally:
        """For the chunk's tally."""
        return {
            "reached": self.reached,
            "embedded": self.embedded,
            "replaced": self.replaced,
            "failures": dict(self.failures),
        }


def embed_chunk(
    database: Database,
    judge: Judge,
    settings: Settings,
    storage: Storage,
    decoders: Decoders,
    chunk: ClaimedChunk,
    scope: Scope,
    *,
    requeue: bool = True,
    now: Callable[[], float] = monotonic,
) -> EmbedProgress:
    """Read and embed the pictures of `chunk` that have no embedding, for `SECONDS` at most.

    What is embedded stays, whatever becomes of the chunk. A picture that cannot be read any more
    leaves its upload with the verdict that it has. Where other bytes lie there than those that
    were judged, the upload is queued to be judged by them; a sweep sends it. Where a chunk ended
    its worker again and again, its pictures are passed over as `crashed`.

    Args:
        database: where the uploads are.
        judge: whose network embeds.
        settings: sizes and limits.
        storage: where pictures may be read from.
        decoders: decode them.
        chunk: of the run.
        scope: of the run.
        requeue: whether to queue what is another picture by now; not in a dry run.
        now: seconds on a clock that never goes back.
    """
    done = EmbedProgress.of(chunk)
    embedder = picture_embedder(judge.network, settings, decoders, storage.read)
    started = now()
    while now() - started < SECONDS:
        with database.reading() as session:
            found = unembedded(session, scope, done.reached + 1, chunk.last_id, settings.chunk_size)
        if not found:
            done.is_done = True
            break
        if chunk.attempts >= settings.max_attempts:
            done.failures[FailureCode.CRASHED] += len(found)
        else:
            result = embedder.embed([upload.uri for upload in found])
            _keep(database, scope, found, result, requeue=requeue)
            done.embedded += len(result.new)
            for upload, outcome in zip(found, result.outcomes, strict=True):
                if not isinstance(outcome, Embedded):
                    done.failures[outcome.code] += 1
                    if outcome.code in _ENDED_DECODER:
                        _log.warning("not embedded: %s: %s", upload.uri, outcome.message)
                elif outcome.digest != upload.digest:
                    done.replaced += 1
        done.reached = found[-1].id
    return done


def _keep(
    database: Database,
    scope: Scope,
    found: Sequence[Unembedded],
    result: EmbeddingResult,
    *,
    requeue: bool,
) -> None:
    """Store the embeddings of pictures that their uploads still show, and queue the others.

    What was erased or replaced while its picture was read leaves nothing.
    """
    with database.transaction() as session:
        digests = judged_digests(session, [upload.id for upload in found])
        same, others = {}, []
        for upload, outcome in zip(found, result.outcomes, strict=True):
            if not isinstance(outcome, Embedded) or upload.id not in digests:
                continue
            if outcome.digest == digests[upload.id]:
                same[outcome.digest] = outcome.vector
            else:
                others.append(upload.id)
        embeddings.remember(session, scope.model_version_id, same)
        if requeue:
            queue_again(session, others, Lane.BULK)
