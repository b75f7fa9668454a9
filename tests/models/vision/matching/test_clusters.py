"""Near-copies among many embeddings."""

import numpy as np
import pytest
from numpy.typing import NDArray

from nophoto.models.vision.matching import near_copies

THRESHOLD = 0.98


def unit(vectors: NDArray[np.float64]) -> NDArray[np.float16]:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float16)


def copies(
    random: np.random.Generator, picture: NDArray[np.float64], count: int
) -> NDArray[np.float64]:
    """Cosines of about 0.99 with the picture."""
    noise = random.standard_normal((count, len(picture)))
    noise *= 0.14 / np.linalg.norm(noise, axis=1, keepdims=True)
    return picture + noise


@pytest.mark.parametrize("count", [400, 30_000])
def test_planted_copies_are_found_whole_and_nothing_else(count: int) -> None:
    random = np.random.default_rng(1)
    others = random.standard_normal((count, 64))
    pictures = random.standard_normal((3, 64))
    pictures /= np.linalg.norm(pictures, axis=1, keepdims=True)
    sizes = (500, 60, 8)
    planted = [copies(random, picture, size) for picture, size in zip(pictures, sizes, strict=True)]
    vectors = unit(np.concatenate([others, *planted]))
    found = near_copies(vectors, np.ones(len(vectors), np.int64), 0.95, 5, np.random.default_rng(2))
    assert len(found) == 3
    start = count
    for cluster, size in zip(found, sizes, strict=True):
        assert cluster.members.min() >= start
        assert cluster.members.max() < start + size
        assert len(cluster.members) >= 0.97 * size
        assert cluster.medoid in cluster.members
        start += size


def test_the_same_bytes_count_as_often_as_they_came() -> None:
    vectors = unit(np.eye(8))
    weights = np.array([1, 1, 40, 1, 1, 7, 1, 1])
    found = near_copies(vectors, weights, THRESHOLD, 5, np.random.default_rng(1))
    assert [(each.medoid, each.members.tolist()) for each in found] == [(2, [2]), (5, [5])]


def test_many_copies_of_one_picture_do_not_stop_the_parting() -> None:
    """Random pivots are all of the same picture: the part would never grow smaller."""
    random = np.random.default_rng(3)
    picture = random.standard_normal(32)
    picture /= np.linalg.norm(picture)
    vectors = unit(
        np.concatenate([copies(random, picture, 9_000), random.standard_normal((300, 32))])
    )
    found = near_copies(vectors, np.ones(len(vectors), np.int64), 0.95, 5, random)
    assert found[0].members[0] == 0
    assert len(found[0].members) > 8_500


def test_nothing_is_shared_where_all_differ_or_there_is_nothing() -> None:
    random = np.random.default_rng(4)
    vectors = unit(random.standard_normal((5_000, 64)))
    assert near_copies(vectors, np.ones(5_000, np.int64), THRESHOLD, 2, random) == []
    assert near_copies(vectors[:0], np.ones(0, np.int64), THRESHOLD, 2, random) == []
