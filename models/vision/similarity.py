"""Comparing embeddings with the reference set, and what a similarity means."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nophoto.models.vision.versions import ModelVersion
from nophoto.models.vocabulary import Verdict

_BLOCK = 512
"""Embeddings of one product: what it makes stays in the processor's cache."""


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


@dataclass(frozen=True, slots=True)
class Judgements:
    """What the network says of n pictures, a column for each question.

    Attributes:
        is_placeholder: (n,).
        needs_review: (n,).
        similarity: cosine with the nearest reference, (n,); NaN where the reference set is empty.
        nearest: the nearest reference's place in the set, (n,); -1 where it is empty.
    """

    is_placeholder: NDArray[np.bool_]
    needs_review: NDArray[np.bool_]
    similarity: NDArray[np.float64]
    nearest: NDArray[np.intp]


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
    similarities = np.empty(len(embeddings))
    places = np.empty(len(embeddings), np.intp)
    precise = references.astype(np.float64)
    for start in range(0, len(embeddings), _BLOCK):
        block = slice(start, start + _BLOCK)
        vectors = np.asarray(embeddings[block], np.float32)
        nearest = places[block] = (vectors @ references.T).argmax(axis=1)
        # Again, each pair by itself: a product's last digits depend on what else is in the matrix.
        pairs = vectors.astype(np.float64), precise[nearest]
        similarities[block] = np.einsum("nd,nd->n", *pairs)
    return np.clip(similarities, -1.0, 1.0), places


def judge_all(
    embeddings: NDArray[np.floating[Any]], references: NDArray[np.float32], version: ModelVersion
) -> Judgements:
    """Judgements on embeddings (n, d), by the threshold of the version that made them.

    With an empty reference set (0, d) everything is real: there is nothing to be similar to.
    """
    count = len(embeddings)
    if not len(references):
        nothing = np.zeros(count, np.bool_)
        return Judgements(nothing, nothing, np.full(count, np.nan), np.full(count, -1))
    similarities, places = nearest_references(embeddings, references)
    return Judgements(*judge_similarities(similarities, version), similarities, places)


def judge_similarities(
    similarities: NDArray[np.float64], version: ModelVersion
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which of the similarities (n,) make a placeholder, and which are close to the threshold."""
    manifest = version.manifest
    return (
        similarities >= manifest.threshold,
        (similarities >= manifest.review_low) & (similarities <= manifest.review_high),
    )


def judge(
    embeddings: NDArray[np.floating[Any]], references: NDArray[np.float32], version: ModelVersion
) -> list[Judgement]:
    """What `judge_all` says, one judgement for each embedding (n, d)."""
    found = judge_all(embeddings, references, version)
    return [
        Judgement(
            Verdict.PLACEHOLDER if is_placeholder else Verdict.REAL,
            needs_review,
            None if nearest < 0 else similarity,
            None if nearest < 0 else nearest,
        )
        for is_placeholder, needs_review, similarity, nearest in zip(
            found.is_placeholder.tolist(),
            found.needs_review.tolist(),
            found.similarity.tolist(),
            found.nearest.tolist(),
            strict=True,
        )
    ]
