"""Trying one picture: what the network sees of it, and which references it is nearest to."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock
from time import monotonic
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nophoto.models.reasons import Reason
from nophoto.models.records.collections import DEFAULT
from nophoto.models.records.references import Member
from nophoto.models.vocabulary import Kind, Verdict
from nophoto.worker.decoding.pool import Decoders
from nophoto.worker.matching.active_judge import ActiveJudge
from nophoto.worker.matching.judge import Judge
from nophoto.worker.matching.verdicts import classify_uploads

NEAREST = 5
"""References that are shown beside a picture."""


@dataclass(frozen=True, slots=True)
class Nearest:
    """A reference, and the cosine of a picture's embedding with it."""

    member: Member
    similarity: float


@dataclass(frozen=True, slots=True)
class PreviewResult:
    """What came of trying a picture.

    Attributes:
        digest: of its bytes.
        verdict, needs_review: what an upload of these bytes would get.
        score: similarity minus reach of the nearest reference; None where the set is empty.
        similarity: with that reference; None where the set is empty.
        kind: of that reference; None where the set is empty.
        reason: why the verdict is another than the similarity alone would make it.
        nearest: the nearest references, quarantined ones too, the most similar first.
        pixels: the prepared picture, (size, size, 3): all that the network sees of it.
        vector: its embedding, (dimension,).
        seconds: for decoding, embedding and comparing.
        model_version: what judged.
        set_version: of the reference set that it judged against.
        band: the lowest and the highest score that are marked for review.
    """

    digest: str
    verdict: Verdict
    needs_review: bool
    score: float | None
    similarity: float | None
    kind: Kind | None
    reason: Reason | None
    nearest: list[Nearest]
    pixels: NDArray[np.uint8]
    vector: NDArray[np.float16]
    seconds: float
    model_version: str
    set_version: int
    band: tuple[float, float]


class Preview:
    """Tries pictures with whatever judges now; any thread may call it.

    Args:
        judge: follows the database.
        decoders: processes that decode.
        collection: whose uploads they are tried as.
    """

    def __init__(self, judge: ActiveJudge, decoders: Decoders, collection: str = DEFAULT) -> None:
        self._judge = judge
        self._collection = collection
        self._decoders = decoders
        # One thread at a time may give a network pictures; any may wait for its embedding.
        self._giving = Lock()

    def current(self, collection: str | None = None) -> Judge:
        """The judge of this moment; see `ActiveJudge.current`.

        Args:
            collection: whose uploads it judges; None for the one that all are tried as.
        """
        return self._judge.current().of(collection or self._collection)

    def run(
        self, data: bytes, collection: str | None = None, judge: Judge | None = None
    ) -> PreviewResult:
        """What the network says of the file in `data`; see `begin`."""
        return self.begin(data, collection, judge)()

    def begin(
        self, data: bytes, collection: str | None = None, judge: Judge | None = None
    ) -> Callable[[], PreviewResult]:
        """Decode a file and give it to the network.

        Args:
            data: a file.
            collection: as whose upload it is tried; None for the one that all are tried as.
            judge: of all collections; None for that of this moment.

        Returns:
            What waits for the network and says what came of the picture; call it once, in any
            thread.

        Raises:
            PictureError: if it is not a picture that can be judged.
            NoActiveModelError: if no model version is active.
        """
        started = monotonic()
        judge = judge.of(collection or self._collection) if judge else self.current(collection)
        pixels = self._decoders.load(data, judge.network.input_size)
        with self._giving:
            finish = judge.network.start(pixels[np.newaxis])
        # While the network works.
        digest = sha256(data).hexdigest()
        return lambda: _judged(judge, digest, pixels, finish(), started)


def _judged(
    judge: Judge,
    digest: str,
    pixels: NDArray[np.uint8],
    vectors: NDArray[np.float16],
    started: float,
) -> PreviewResult:
    (said,) = classify_uploads([0], [digest], [vectors[0]], judge)
    return PreviewResult(
        digest=digest,
        verdict=said.verdict,
        needs_review=said.needs_review,
        score=said.score,
        similarity=said.similarity,
        kind=said.kind,
        reason=said.reason,
        nearest=_nearest(vectors[0], judge),
        pixels=pixels,
        vector=vectors[0],
        seconds=monotonic() - started,
        model_version=judge.network.version.id,
        set_version=judge.references.version,
        band=judge.matcher.calibration.band,
    )


def cosines(vectors: list[NDArray[np.float16]]) -> NDArray[np.float64]:
    """Of each of some embeddings with each, (n, n)."""
    wide = np.stack(vectors).astype(np.float64)
    return np.clip(wide @ wide.T, -1.0, 1.0)


def _nearest(vector: NDArray[np.floating[Any]], judge: Judge) -> list[Nearest]:
    compared = judge.references, judge.quarantined
    wide = vector.astype(np.float32)
    similarities = np.concatenate([of.vectors @ wide for of in compared])
    order = np.argsort(-similarities, kind="stable")[:NEAREST]
    active, quarantined = (of.members for of in compared)
    return [
        Nearest(
            active[place] if place < len(active) else quarantined[place - len(active)],
            min(1.0, max(-1.0, similarity)),
        )
        for place, similarity in zip(order.tolist(), similarities[order].tolist(), strict=True)
    ]
