"""A chunk of uploads on its way through the pipeline, and what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from nophoto.models.records.scoring.claims import Claim
from nophoto.worker.inference.embedder import Vector
from nophoto.worker.inference.job import EmbeddingJob
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
        job: its pictures, decoded and embedded.
        started: on the clock of `monotonic`.
        vectors: embeddings to be stored with it: borrowed ones, and in the end its own.
    """

    claim: Claim
    judge: Judge
    job: EmbeddingJob
    started: float
    vectors: dict[str, Vector] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """By which the log names it."""
        return self.claim.token.hex[:12]

    @property
    def version_id(self) -> str:
        """Of the network that judges."""
        return self.judge.network.version.id

    @property
    def uris(self) -> list[str]:
        """Of its uploads, in their order."""
        return [upload.uri for upload in self.claim.uploads]


def nothing_to_borrow(_: str, __: Sequence[str]) -> Mapping[str, Vector]:
    """No chunk before has embeddings that are not stored yet."""
    return {}
