"""Groups of near-copies among many embeddings, found exactly within parts that lie together.

Comparing each with each takes a month for a million. So the embeddings are parted by the nearest of
some random pivots, until a part is small enough to compare each with each; copies of one picture
lie so close that nearly all of them fall into one part. Groups that a border has cut are joined in
the end, by comparing what stands for them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_LEAF = 1_500
"""Embeddings that are compared each with each: 9 MB of cosines."""

_PIVOTS = 1_000
"""Parts into which embeddings are split at once, at most."""

_BLOCK = 20_000
"""Embeddings that are compared with the pivots at once: 80 MB of cosines."""

_STUCK = 0.8
"""Share of a part in one of its parts from which on splitting it further leads nowhere."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Near-copies of one picture.

    Attributes:
        medoid: the row with the most near-copies.
        members: rows, the medoid's among them, in order.
    """

    medoid: int
    members: NDArray[np.intp]


def near_copies(
    vectors: NDArray[np.floating[Any]],
    weights: NDArray[np.int64],
    threshold: float,
    least: int,
    random: np.random.Generator,
) -> list[Cluster]:
    """The groups whose members together weigh at least `least`, the heaviest first.

    Every member has at least the cosine `threshold` with its medoid; no row is in two groups.

    Args:
        vectors: L2-normalised, (n, d); float16 will do.
        weights: how often each came, (n,).
        threshold: cosine from which on two are near-copies.
        least: weight of the lightest group.
        random: chooses pivots; it changes what lies at a border alone.
    """
    # What a border cuts may be light on either side.
    some = max(2, least // 4)
    found = list(_within(np.arange(len(vectors)), vectors, weights, threshold, some, random))
    joined = _joined(found, vectors, weights, threshold)
    heavy = [each for each in joined if weights[each.members].sum() >= least]
    return sorted(heavy, key=lambda each: (-int(weights[each.members].sum()), each.medoid))


def _within(
    rows: NDArray[np.intp],
    vectors: NDArray[np.floating[Any]],
    weights: NDArray[np.int64],
    threshold: float,
    least: int,
    random: np.random.Generator,
) -> Iterator[Cluster]:
    if weights[rows].sum() < least:
        return
    if len(rows) <= _LEAF:
        yield from _leaf(rows, vectors, weights, threshold, least)
        return
    count = int(np.clip(len(rows) // (_LEAF // 2), 2, _PIVOTS))
    pivots = random.choice(rows, count, replace=False)
    part = _nearest(rows, vectors, vectors[pivots].astype(np.float32))
    sizes = np.bincount(part, minlength=count)
    if sizes.max() > _STUCK * len(rows):
        # Nearly all of them are one picture: it is taken out, and the rest is parted again.
        (cluster, rest) = _greatest(rows, vectors, weights, threshold, random)
        if weights[cluster.members].sum() >= least:
            yield cluster
        yield from _within(rest, vectors, weights, threshold, least, random)
        return
    order = np.argsort(part, kind="stable")
    for some in np.split(rows[order], np.cumsum(sizes)[:-1]):
        yield from _within(some, vectors, weights, threshold, least, random)


def _leaf(
    rows: NDArray[np.intp],
    vectors: NDArray[np.floating[Any]],
    weights: NDArray[np.int64],
    threshold: float,
    least: int,
) -> Iterator[Cluster]:
    """Each with each: the row with the heaviest near-copies takes them, until none is heavy."""
    wide = vectors[rows].astype(np.float32)
    near = wide @ wide.T >= threshold
    np.fill_diagonal(near, val=True)
    weight = weights[rows]
    heavy: NDArray[np.float32] = np.matmul(near, weight.astype(np.float32), dtype=np.float32)
    left = np.ones(len(rows), np.bool_)
    while True:
        place = int(heavy.argmax())
        if heavy[place] < least:
            return
        taken = np.flatnonzero(near[place] & left)
        yield Cluster(int(rows[place]), np.sort(rows[taken]))
        left[taken] = False
        heavy -= near[:, taken] @ weight[taken].astype(np.float32)
        heavy[taken] = 0


def _greatest(
    rows: NDArray[np.intp],
    vectors: NDArray[np.floating[Any]],
    weights: NDArray[np.int64],
    threshold: float,
    random: np.random.Generator,
) -> tuple[Cluster, NDArray[np.intp]]:
    """The heaviest group of a sample with all its members, and the other rows."""
    sample = random.choice(rows, min(len(rows), _LEAF), replace=False)
    wide = vectors[sample].astype(np.float32)
    near = wide @ wide.T >= threshold
    medoid = int(sample[int((near @ weights[sample]).argmax())])
    mine = vectors[medoid].astype(np.float32)
    is_member = np.concatenate(
        [
            vectors[rows[start : start + _BLOCK]].astype(np.float32) @ mine >= threshold
            for start in range(0, len(rows), _BLOCK)
        ]
    )
    # Rounding may take a row from itself.
    is_member[rows == medoid] = True
    return Cluster(medoid, np.sort(rows[is_member])), rows[~is_member]


def _nearest(
    rows: NDArray[np.intp], vectors: NDArray[np.floating[Any]], pivots: NDArray[np.float32]
) -> NDArray[np.intp]:
    return np.concatenate(
        [
            (vectors[rows[start : start + _BLOCK]].astype(np.float32) @ pivots.T).argmax(axis=1)
            for start in range(0, len(rows), _BLOCK)
        ]
    )


def _joined(
    clusters: list[Cluster],
    vectors: NDArray[np.floating[Any]],
    weights: NDArray[np.int64],
    threshold: float,
) -> list[Cluster]:
    """The clusters, those whose medoids are near-copies as one; the heavier medoid stays."""
    order = sorted(clusters, key=lambda each: (-int(weights[each.members].sum()), each.medoid))
    if not order:
        return []
    medoids = vectors[[each.medoid for each in order]].astype(np.float32)
    leaders: list[int] = []
    members: dict[int, list[NDArray[np.intp]]] = {}
    for place, cluster in enumerate(order):
        cosines = medoids[leaders] @ medoids[place] if leaders else np.empty(0, np.float32)
        if len(cosines) and cosines.max() >= threshold:
            leader = leaders[int(cosines.argmax())]
            own = vectors[cluster.members].astype(np.float32) @ medoids[leader] >= threshold
            members[leader].append(cluster.members[own])
        else:
            leaders.append(place)
            members[place] = [cluster.members]
    return [
        Cluster(order[leader].medoid, np.sort(np.concatenate(members[leader])))
        for leader in leaders
    ]
