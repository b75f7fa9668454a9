"""Losses and distances, computed again with numpy."""

import numpy as np
import pytest
from nophoto.models.vision.triplet.batch_loss import BatchTripletLoss

from nophoto.models.vision.triplet.distance import (
    DistanceLayer,
    pairwise_squared_distances,
    squared_distance,
)
from nophoto.models.vision.triplet.losses import hinge_loss, soft_margin_loss


def unit_rows(seed: int, count: int, dimension: int = 6) -> np.ndarray:
    rows = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_squared_distance_by_hand() -> None:
    left = np.array([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]], np.float32)
    right = np.array([[1.0, 0.0, 0.0], [3.0, 4.0, 0.0]], np.float32)
    assert np.asarray(squared_distance(left, right)).tolist() == [13.0, 25.0]


def test_the_distance_layer_gives_anchor_positive_first() -> None:
    anchor, positive, negative = (
        np.array([row], np.float32) for row in ([0.0, 0.0], [1.0, 0.0], [0.0, 3.0])
    )
    ap, an = DistanceLayer()(anchor, positive, negative)
    assert (np.asarray(ap).tolist(), np.asarray(an).tolist()) == ([1.0], [9.0])


def test_pairwise_distances_are_those_of_every_two_rows() -> None:
    rows = unit_rows(1, 7)
    expected = [[((left - right) ** 2).sum() for right in rows] for left in rows]
    assert np.allclose(np.asarray(pairwise_squared_distances(rows)), expected, atol=1e-5)


def test_pairwise_distances_of_equal_rows_are_never_below_zero() -> None:
    rows = np.repeat(unit_rows(2, 1, 512), 16, axis=0) * 100
    assert np.asarray(pairwise_squared_distances(rows)).min() >= 0


@pytest.mark.parametrize(
    ("ap", "an", "margin", "expected"),
    [
        (0.2, 0.9, 0.5, 0.0),
        (0.2, 0.7, 0.5, 0.0),
        (0.2, 0.6, 0.5, 0.1),
        (0.9, 0.2, 0.5, 1.2),
        (0.9, 0.2, 0.0, 0.7),
        (0.3, 0.3, 0.2, 0.2),
    ],
)
def test_hinge_loss_by_hand(ap: float, an: float, margin: float, expected: float) -> None:
    found = hinge_loss(np.array([ap], np.float32), np.array([an], np.float32), margin)
    assert np.asarray(found)[0] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("ap", "an"), [(0.2, 0.9), (0.9, 0.2), (0.5, 0.5), (4.0, 0.0)])
def test_soft_margin_loss_by_hand(ap: float, an: float) -> None:
    found = soft_margin_loss(np.array([ap], np.float32), np.array([an], np.float32))
    assert np.asarray(found)[0] == pytest.approx(np.log(1 + np.exp(ap - an)), rel=1e-5)


def test_soft_margin_loss_does_not_overflow() -> None:
    far = np.array([500.0], np.float32)
    assert np.asarray(soft_margin_loss(far, np.zeros(1, np.float32)))[0] == pytest.approx(500.0)


def hard_triplets(rows: np.ndarray, labels: list[int]) -> list[tuple[float, float]]:
    """Each anchor's farthest positive and nearest negative, by two loops."""
    found = []
    for i, anchor in enumerate(rows):
        distances = ((rows - anchor) ** 2).sum(axis=1)
        positives = [distances[j] for j in range(len(rows)) if labels[j] == labels[i] and j != i]
        negatives = [distances[j] for j in range(len(rows)) if labels[j] != labels[i]]
        if positives and negatives:
            found.append((max(positives), min(negatives)))
    return found


def semi_hard_triplets(rows: np.ndarray, labels: list[int]) -> list[tuple[float, float]]:
    """For every two that belong together the nearest negative beyond, else the farthest one."""
    found = []
    for i, anchor in enumerate(rows):
        distances = ((rows - anchor) ** 2).sum(axis=1)
        negatives = [distances[j] for j in range(len(rows)) if labels[j] != labels[i]]
        for j in range(len(rows)):
            if labels[j] == labels[i] and j != i and negatives:
                beyond = [d for d in negatives if d > distances[j]]
                found.append((distances[j], min(beyond) if beyond else max(negatives)))
    return found


@pytest.mark.parametrize(
    "labels", [[0, 0, 1, 1, 2, 2, 0, 1], [0, 0, 0, 1], [0, 1, 2, 2], [0] * 3 + [1] * 5]
)
@pytest.mark.parametrize("margin", [0.2, 1.0, None])
@pytest.mark.parametrize("miner", ["batch-hard", "semi-hard"])
def test_the_loss_of_a_batch_is_the_mean_over_its_triplets(
    miner: str, margin: float | None, labels: list[int]
) -> None:
    rows = unit_rows(3, len(labels))
    triplets = {"batch-hard": hard_triplets, "semi-hard": semi_hard_triplets}[miner](rows, labels)
    expected = np.mean(
        [
            np.log1p(np.exp(ap - an)) if margin is None else max(ap - an + margin, 0)
            for ap, an in triplets
        ]
    )
    assert expected > 0
    loss = BatchTripletLoss(miner, margin)
    assert float(loss(np.array(labels), rows)) == pytest.approx(float(expected), rel=1e-4)
    as_column = np.array(labels, np.float32)[:, None]
    assert float(loss(as_column, rows)) == pytest.approx(float(expected), rel=1e-4)


@pytest.mark.parametrize("labels", [[0, 0, 0], [0, 1, 2]], ids=["one label", "no pair"])
@pytest.mark.parametrize("miner", ["batch-hard", "semi-hard"])
def test_a_batch_without_a_triplet_costs_nothing(miner: str, labels: list[int]) -> None:
    assert float(BatchTripletLoss(miner)(np.array(labels), unit_rows(4, 3))) == 0


def test_an_unknown_miner_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"easiest.*batch-hard, semi-hard"):
        BatchTripletLoss("easiest")
