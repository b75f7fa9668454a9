import pytest

from benchmarks.spread import Spread


def test_is_the_median_with_both_ends() -> None:
    assert Spread.of([3.0, 1.0, 10.0]) == Spread(3.0, 1.0, 10.0)
    assert Spread.of([2.0, 4.0]) == Spread(3.0, 2.0, 4.0)


def test_is_shown_in_one_cell() -> None:
    assert Spread(2.0, 1.0, 2.25).shown() == "2.0 (1.0–2.2)"
    assert Spread(0.5, 0.25, 1.0).shown("{:.0%}") == "50% (25%–100%)"
    assert Spread(2e-3, 1e-3, 3e-3).shown("{:.0f}", 1e-3) == "2 (1–3)"


def test_needs_a_round() -> None:
    with pytest.raises(ValueError, match="round"):
        Spread.of([])
