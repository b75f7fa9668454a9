"""Batches of placeholders and negatives, mixed from pools by fixed shares."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from nophoto.models.vision.training.features import Features
from nophoto.models.vision.training.recipes import Recipe

Batch = tuple[NDArray[np.float32], NDArray[np.int64]]
"""Features (n, d) and labels (n,)."""


def batches(placeholders: Features, negatives: Features, recipe: Recipe) -> Iterator[Batch]:
    """`recipe.steps` batches, each of both kinds.

    A negative is drawn by its pool, then by its picture, then by that picture's copy: a source
    of few pictures still shows, and no picture counts for more than another of its pool.
    """
    rng = np.random.default_rng(recipe.seed)
    positive_pools = _Pools(placeholders, placeholder_shares(placeholders, recipe))
    negative_pools = _Pools(negatives, negative_shares(negatives, recipe))
    for _ in range(recipe.steps):
        chosen = positive_pools.choose(recipe.placeholders_per_batch, rng)
        others = negative_pools.choose(recipe.negatives_per_batch, rng)
        yield (
            np.concatenate([placeholders.values[chosen], negatives.values[others]]).astype("f4"),
            np.concatenate([placeholders.labels[chosen], negatives.labels[others]]),
        )


def placeholder_shares(placeholders: Features, recipe: Recipe) -> dict[str, float]:
    """The share of each pool in a batch's placeholders.

    What the recipe does not give to drawings and references is split among the sources of given
    ones by the square root of their sizes.
    """
    pools = placeholders.pools
    references = recipe.reference_share
    fixed = {"drawn": 1 - recipe.given_share - references, "references": references}
    there = set(pools.tolist())
    sizes = {pool: int((pools == pool).sum()) for pool in there - set(fixed)}
    return _filled({pool: share for pool, share in fixed.items() if pool in there}, sizes)


def negative_shares(negatives: Features, recipe: Recipe) -> dict[str, float]:
    """The share of each pool in a batch's negatives.

    What the recipe does not give to distractors and hardened pictures is split among the sources
    of real pictures by the square root of their sizes.
    """
    fixed = {"distractors": recipe.distractor_share, "hardened": recipe.hardened_share}
    there = set(negatives.pools.tolist())
    sizes = {
        pool: len(set(negatives.labels[negatives.pools == pool])) for pool in there - set(fixed)
    }
    return _filled({pool: share for pool, share in fixed.items() if pool in there}, sizes)


def _filled(fixed: Mapping[str, float], sizes: Mapping[str, int]) -> dict[str, float]:
    """The fixed shares, and what they leave of 1 split by the square root of the sizes."""
    roots = {pool: float(np.sqrt(sizes[pool])) for pool in sorted(sizes)}
    left = 1 - sum(fixed.values())
    shares = {**fixed, **{pool: left * root / sum(roots.values()) for pool, root in roots.items()}}
    total = sum(shares.values())
    return {pool: share / total for pool, share in shares.items()}


class _Pools:
    """Rows by pool and label."""

    def __init__(self, features: Features, shares: Mapping[str, float]) -> None:
        self._names, self._shares = list(shares), list(shares.values())
        self._rows: dict[str, list[NDArray[np.intp]]] = {}
        for name in self._names:
            rows = np.flatnonzero(features.pools == name)
            rows = rows[np.argsort(features.labels[rows], kind="stable")]
            _, starts = np.unique(features.labels[rows], return_index=True)
            self._rows[name] = np.split(rows, starts[1:])

    def choose(self, count: int, rng: Generator) -> NDArray[np.intp]:
        names = rng.choice(len(self._names), count, p=self._shares)
        return np.array([self._one(self._rows[self._names[place]], rng) for place in names])

    @staticmethod
    def _one(pictures: list[NDArray[np.intp]], rng: Generator) -> int:
        copies = pictures[int(rng.integers(len(pictures)))]
        return int(copies[int(rng.integers(len(copies)))])
