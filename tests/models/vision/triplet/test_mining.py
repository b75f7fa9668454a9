"""Mining on distances small enough to check by eye."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nophoto.models.vision.triplet.mining import batch_hard, semi_hard

#              a0   a1   a2   b0   b1
DISTANCES = np.array(
    [
        [0.0, 0.1, 0.5, 0.3, 0.9],
        [0.1, 0.0, 0.4, 0.2, 0.8],
        [0.5, 0.4, 0.0, 0.1, 0.2],
        [0.3, 0.2, 0.1, 0.0, 0.7],
        [0.9, 0.8, 0.2, 0.7, 0.0],
    ],
    np.float32,
)
LABELS = np.array([0, 0, 0, 1, 1])


def test_batch_hard_takes_the_farthest_positive_and_the_nearest_negative() -> None:
    ap, an, valid = (np.asarray(part) for part in batch_hard(DISTANCES, LABELS))
    assert np.allclose(ap, [0.5, 0.4, 0.5, 0.7, 0.7])
    assert np.allclose(an, [0.3, 0.2, 0.1, 0.1, 0.2])
    assert valid.tolist() == [1, 1, 1, 1, 1]


def test_batch_hard_leaves_out_who_is_alone() -> None:
    _, _, valid = batch_hard(DISTANCES, np.array([0, 0, 0, 0, 1]))
    assert np.asarray(valid).tolist() == [1, 1, 1, 1, 0]
    for lonely in ([0] * 5, [0, 1, 2, 3, 4]):
        ap, an, valid = (np.asarray(part) for part in batch_hard(DISTANCES, np.array(lonely)))
        assert not valid.any()
        assert np.isfinite(ap * valid).all()
        assert np.isfinite(an * valid).all()


def test_semi_hard_takes_the_nearest_negative_beyond_the_positive() -> None:
    ap, an, valid = (np.asarray(part) for part in semi_hard(DISTANCES, LABELS))
    assert np.allclose(ap, DISTANCES)
    assert valid.tolist() == [
        [0, 1, 1, 0, 0],
        [1, 0, 1, 0, 0],
        [1, 1, 0, 0, 0],
        [0, 0, 0, 0, 1],
        [0, 0, 0, 1, 0],
    ]
    # a0 with a1 (0.1): of 0.3 and 0.9 the nearest beyond. a0 with a2 (0.5): only 0.9 is beyond.
    assert np.allclose(an[0, 1:3], [0.3, 0.9])
    # a2 with a0 (0.5): no negative is beyond, so the farthest of 0.1 and 0.2.
    assert np.allclose(an[2, :2], [0.2, 0.2])
    # b0 with b1 (0.7): of 0.3, 0.2 and 0.1 none is beyond; b1 with b0: of 0.9, 0.8, 0.2 the 0.8.
    assert np.allclose([an[3, 4], an[4, 3]], [0.3, 0.8])


def test_semi_hard_leaves_out_anchors_without_a_negative() -> None:
    _, an, valid = (np.asarray(part) for part in semi_hard(DISTANCES, np.zeros(5)))
    assert not valid.any()
    assert np.isfinite(an * valid).all()


@given(st.integers(2, 12), st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_semi_hard_is_what_a_search_through_all_triplets_finds(
    count: int, most_labels: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    # Of few values, so that many are equal.
    distances = (rng.integers(0, 8, (count, count)) / 8).astype(np.float32)
    labels = rng.integers(0, most_labels, count)
    ap, an, valid = (np.asarray(part) for part in semi_hard(distances, labels))
    for anchor in range(count):
        negatives = distances[anchor][labels != labels[anchor]]
        for positive in range(count):
            is_pair = positive != anchor and labels[positive] == labels[anchor]
            assert valid[anchor, positive] == (is_pair and len(negatives) > 0)
            if valid[anchor, positive]:
                farther = negatives[negatives > distances[anchor, positive]]
                assert ap[anchor, positive] == distances[anchor, positive]
                assert an[anchor, positive] == (min(farther) if len(farther) else max(negatives))
