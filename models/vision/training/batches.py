"""Batches of placeholders and real pictures, each with a copy, mixed from pools by fixed shares."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from nophoto.models.vision.training.features import Features
from nophoto.models.vision.training.recipes import Recipe

Batch = tuple[NDArray[np.float32], NDArray[np.int32]]
"""Features (2n, d), and picture, source and kind of each row, (2n, 3)."""

_UNCHANGED = 0.5
"""How often one of the two copies is the picture as it is."""


def batches(placeholders: Features, negatives: Features, recipe: Recipe) -> Iterator[Batch]:
    """`recipe.steps` batches of two copies of every picture; the second ones follow the first.

    A picture is drawn by its pool, then within it: a source of few pictures still shows, and no
    picture counts for more than another of its pool.
    """
    rng = np.random.default_rng(recipe.seed)
    positive_pools = _Pools(placeholders, placeholder_shares(placeholders, recipe))
    negative_pools = _Pools(negatives, negative_shares(negatives, recipe))
    ours, others = _marks(placeholders), _marks(negatives)
    # Numbers of pictures and sources begin at 0 in both.
    others[:, :2] += ours[:, :2].max(axis=0, initial=-1) + 1
    for _ in range(recipe.steps):
        chosen = positive_pools.choose(recipe.placeholders_per_batch, rng)
        real = negative_pools.choose(recipe.negatives_per_batch, rng)
        both = range(2)
        yield (
            np.concatenate(
                [
                    part
                    for copy in both
                    for part in (placeholders.values[chosen[copy]], negatives.values[real[copy]])
                ]
            ).astype(np.float32),
            np.concatenate(
                [part for copy in both for part in (ours[chosen[copy]], others[real[copy]])]
            ),
        )


def placeholder_shares(placeholders: Features, recipe: Recipe) -> dict[str, float]:
    """The share of each pool in a batch's placeholders.

    What the recipe does not give to drawings and references is split among the sources of given
    ones by the square root of their sizes.
    """
    references = recipe.reference_share
    fixed = {"drawn": 1 - recipe.given_share - references, "references": references}
    return _shares(placeholders, fixed)


def negative_shares(negatives: Features, recipe: Recipe) -> dict[str, float]:
    """The share of each pool in a batch's negatives.

    What the recipe does not give to distractors is split among the sources of real pictures by the
    square root of their sizes.
    """
    return _shares(negatives, {"distractors": recipe.distractor_share})


def _shares(features: Features, fixed: Mapping[str, float]) -> dict[str, float]:
    """The fixed shares, and what they leave of 1 split by the square root of the sizes."""
    there = sorted(set(features.pools.tolist()))
    roots = {
        pool: len(set(features.pictures[features.pools == pool].tolist())) ** 0.5
        for pool in there
        if pool not in fixed
    }
    shares = {pool: share for pool, share in fixed.items() if pool in there}
    left = 1 - sum(fixed.values())
    shares |= {pool: left * root / sum(roots.values()) for pool, root in roots.items()}
    total = sum(shares.values())
    return {pool: share / total for pool, share in shares.items()}


def _marks(features: Features) -> NDArray[np.int32]:
    columns = (features.pictures, features.sources, features.kinds)
    return np.stack(columns, axis=1).astype(np.int32)


class _Pools:
    """Rows by pool and picture, the unchanged copy of each first."""

    def __init__(self, features: Features, shares: Mapping[str, float]) -> None:
        self._names, self._shares = list(shares), list(shares.values())
        self._rows: dict[str, list[NDArray[np.intp]]] = {}
        for name in self._names:
            rows = np.flatnonzero(features.pools == name)
            rows = rows[np.argsort(features.pictures[rows], kind="stable")]
            _, starts = np.unique(features.pictures[rows], return_index=True)
            self._rows[name] = np.split(rows, starts[1:])

    def choose(self, count: int, rng: Generator) -> NDArray[np.intp]:
        """Two rows of each of `count` pictures, (2, count)."""
        names = rng.choice(len(self._names), count, p=self._shares)
        pairs = [self._pair(self._rows[self._names[place]], rng) for place in names]
        return np.array(pairs, np.intp).reshape(-1, 2).T

    @staticmethod
    def _pair(pictures: list[NDArray[np.intp]], rng: Generator) -> tuple[int, int]:
        copies = pictures[int(rng.integers(len(pictures)))]
        if len(copies) == 1:
            return int(copies[0]), int(copies[0])
        one, other = rng.choice(len(copies), 2, replace=False)
        if one and rng.random() < _UNCHANGED:
            other = 0
        return int(copies[one]), int(copies[other])
