"""Comparing embeddings with the reference set, and what a similarity means."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.vision.versions import ModelVersion
from models.vocabulary import Verdict


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the network says of one picture.

    Attributes:
        similarity: cosine with the nearest reference; None where the reference set is empty.
        nearest: the nearest reference's place in the set; None where it is empty.
    """

    verdict: Verdict
    needs_review: bool
    similarity: float | None
    nearest: int | None


def nearest_references(
    embeddings: NDArray[np.floating[Any]], references: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """The similarity and place of each embedding's nearest reference, exactly.

    Args:
        embeddings: (n, d), L2-normalised.
        references: (r, d), L2-normalised, r > 0.

    Returns:
        Cosines in [-1, 1], (n,), and rows of `references`, (n,).
    """
    vectors = np.asarray(embeddings, np.float32)
    places = (vectors @ references.T).argmax(axis=1)
    # Again, each pair by itself: a product's last digits depend on what else is in the matrix.
    pairs = vectors.astype(np.float64), references[places].astype(np.float64)
    return np.clip(np.einsum("nd,nd->n", *pairs), -1.0, 1.0), places


def judge(
    embeddings: NDArray[np.floating[Any]], references: NDArray[np.float32], version: ModelVersion
) -> list[Judgement]:
    """A judgement on each embedding (n, d), by the threshold of the version that made them.

    With an empty reference set (0, d) everything is real: there is nothing to be similar to.
    """
    if not len(references):
        return [Judgement(Verdict.REAL, False, None, None)] * len(embeddings)
    similarities, places = nearest_references(embeddings, references)
    manifest = version.manifest
    return [
        Judgement(
            Verdict.PLACEHOLDER if similarity >= manifest.threshold else Verdict.REAL,
            manifest.review_low <= similarity <= manifest.review_high,
            similarity,
            place,
        )
        for similarity, place in zip(similarities.tolist(), places.tolist(), strict=True)
    ]
