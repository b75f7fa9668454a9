"""A chunk of uploads on its way through the pipeline, and what became of it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from nophoto.models.records.claims import Claim
from nophoto.worker.inference.embedder import EmbeddingResult, Vector
from nophoto.worker.matching.judge import Judge


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


@dataclass(slots=True)
class Chunk:
    """A chunk that is claimed, and whose pictures go through the network.

    Attributes:
        claim: of its uploads.
        judge: what judges them.
        started: on the clock of `monotonic`.
        begun: digests of the pictures that were not known.
        new: their embeddings, once `scored` has returned, and others that may not be stored yet.
        scored: waits for the last of them.
    """

    claim: Claim
    judge: Judge
    started: float
    begun: set[str] = field(default_factory=set)
    new: dict[str, Vector] = field(default_factory=dict)
    scored: Callable[[], EmbeddingResult] = lambda: EmbeddingResult([], {})

    @property
    def name(self) -> str:
        """By which the log names it."""
        return self.claim.token.hex[:12]

    @property
    def version_id(self) -> str:
        """Of the network that judges."""
        return self.judge.network.version.id
