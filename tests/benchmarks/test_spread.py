import pytest

from benchmarks.spread import Spread


def test_is_the_median_with_both_ends() -> None:
    assert Spread.of([3.0, 1.0, 10.0]) == Spread(3.0, 1.0, 10.0)
    assert Spread.of([2.0, 4.0]) == Spread(3.0, 2.0, 4.0)


def test_needs_a_round() -> None:
    with pytest.raises(ValueError, match="round"):
        Spread.of([])
