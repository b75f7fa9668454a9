"""The nearest of some vectors, exactly, and the one that claims a picture most."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

_BLOCK = 512
"""Embeddings of one product: what it makes stays in the processor's cache."""


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
    return strongest_claims(embeddings, references, np.zeros(len(references)))


def strongest_claims(
    embeddings: NDArray[np.floating[Any]],
    references: NDArray[np.float32],
    reaches: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Which reference claims each embedding most, and the cosine with that one.

    The one whose cosine exceeds its reach by most, or falls short of it by least.

    Args:
        embeddings: (n, d), L2-normalised.
        references: (r, d), L2-normalised, r > 0.
        reaches: (r,).

    Returns:
        Cosines in [-1, 1], (n,), and rows of `references`, (n,).
    """
    similarities = np.empty(len(embeddings))
    places = np.empty(len(embeddings), np.intp)
    rough = reaches.astype(np.float32)
    for block in blocks(len(embeddings), _BLOCK):
        vectors = np.asarray(embeddings[block], np.float32)
        claims = vectors @ references.T
        claims -= rough
        claimed = places[block] = claims.argmax(axis=1)
        # Again, each pair by itself: a product's last digits depend on what else is in the matrix.
        pairs = vectors.astype(np.float64), references[claimed].astype(np.float64)
        similarities[block] = np.einsum("nd,nd->n", *pairs)
    return np.clip(similarities, -1.0, 1.0), places


def blocks(count: int, size: int) -> Iterator[slice]:
    """The slices of `size` rows that `count` rows fall into."""
    return (slice(start, start + size) for start in range(0, count, size))
