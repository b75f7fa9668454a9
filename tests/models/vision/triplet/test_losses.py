"""Losses and distances, computed again with numpy."""

import numpy as np
import pytest

from nophoto.models.vision.triplet.distance import DistanceLayer, squared_distance
from nophoto.models.vision.triplet.losses import hinge_loss, soft_margin_loss


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
