"""Judging pictures here and now, without a queue."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from nophoto.jobs.evaluation.reference_sources import References
from nophoto.models.records.references import Member
from nophoto.models.vision.matching import Judgement
from nophoto.worker.decoding.pool import Decoders
from nophoto.worker.inference.embedder import Embedded, PictureFailure, picture_embedder
from nophoto.worker.inference.network import Network
from nophoto.worker.settings import Settings
from nophoto.worker.storage.storage import Storage, limits_of

CHUNK = 128
"""Pictures that are read ahead of the network; also the steps of a progress bar."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What became of one picture: a judgement, or a failure.

    Attributes:
        nearest: the reference that it is most similar to; None where the set is empty.
    """

    uri: str
    outcome: Judgement | PictureFailure
    nearest: Member | None = None

    def as_dict(self) -> dict[str, object]:
        """The outcome in plain values, the failure's code and sentence included."""
        judged = self.outcome if isinstance(self.outcome, Judgement) else None
        failed = self.outcome if isinstance(self.outcome, PictureFailure) else None
        return {
            "uri": self.uri,
            "verdict": judged and judged.verdict.value,
            "needs_review": judged.needs_review if judged else False,
            "score": judged and judged.score,
            "similarity": judged and judged.similarity,
            "kind": judged and judged.kind and judged.kind.value,
            "nearest_reference": self.nearest and self.nearest.name,
            "failure": failed and failed.code.value,
            "failure_message": failed and failed.message,
        }


def judge_pictures(
    uris: Sequence[str],
    network: Network,
    compared_with: References,
    settings: Settings,
    decoders: Decoders,
    *,
    on_progress: Callable[[int], None] = lambda _: None,
) -> Iterator[Picture]:
    """Judge `uris` in their order, a chunk at a time.

    Local files are read wherever they lie, since a person on this machine names them; the roots
    of the settings still bind other schemes.
    """
    matrix = compared_with.matrix
    storage = Storage(("/", *settings.roots), limits_of(settings))
    embedder = picture_embedder(network, settings, decoders, storage.read)
    for start in range(0, len(uris), CHUNK):
        chunk = uris[start : start + CHUNK]
        outcomes = embedder.embed(chunk).outcomes
        vectors = [outcome.vector for outcome in outcomes if isinstance(outcome, Embedded)]
        judgements = iter(compared_with.matcher.judge(np.stack(vectors)) if vectors else [])
        for uri, outcome in zip(chunk, outcomes, strict=True):
            if isinstance(outcome, PictureFailure):
                yield Picture(uri, outcome)
            else:
                judged = next(judgements)
                place = judged.nearest
                yield Picture(uri, judged, None if place is None else matrix.members[place])
        on_progress(start + len(chunk))
