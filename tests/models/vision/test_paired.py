import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nophoto.models.vision.evaluation import auc
from nophoto.models.vision.evaluation.paired import Scores, compare, paired_shares


def test_the_interval_is_that_of_the_paper_s_formula() -> None:
    # 100 pictures: 8 gained, 3 lost. (9/102 - 4/102) ± 1.96 sqrt((13/102 - (5/102)²) / 102)
    before = np.zeros(100, bool)
    after = np.zeros(100, bool)
    before[:3] = after[3:11] = True
    found = paired_shares(before, after)
    assert (found.before, found.after, found.value) == (0.03, 0.08, pytest.approx(0.05))
    assert found.interval == (pytest.approx(-0.0196, abs=2e-4), pytest.approx(0.1176, abs=2e-4))


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60))
def test_an_interval_holds_its_difference_and_turns_over_with_it(
    pairs: list[tuple[bool, bool]],
) -> None:
    before, after = (np.array(side) for side in zip(*pairs, strict=True))
    forth, back = paired_shares(before, after), paired_shares(after, before)
    low, high = forth.interval
    assert -1 <= low <= forth.value <= high <= 1
    assert back.interval == (pytest.approx(-high), pytest.approx(-low))


def test_pairs_tell_more_than_the_two_shares() -> None:
    # 90 % and 94 %: alone their intervals overlap far; pairwise nothing was lost.
    before, after = np.arange(300) < 270, np.arange(300) < 282
    assert paired_shares(before, after).interval[0] > 0
    rng = np.random.default_rng(0)
    assert paired_shares(before, rng.permutation(after)).interval[0] < 0


def test_a_version_beside_itself_and_beside_a_worse_one() -> None:
    rng = np.random.default_rng(1)
    placeholders, real = rng.normal(0.8, 0.1, 200), rng.normal(0.3, 0.1, 400)
    good = Scores(placeholders, real, 0.55)
    same = compare(good, good)
    assert same.found.value == same.false_alarms.value == same.auc.value == 0
    assert same.auc.interval == (0, 0)
    assert (same.placeholders, same.real_pictures) == (200, 400)

    worse = Scores(placeholders - rng.normal(0.2, 0.3, 200), real, 0.55)
    found = compare(good, worse)
    assert found.found.interval[1] < 0
    assert found.false_alarms.value == 0
    assert found.auc.interval[1] < 0
    assert found.auc.after == auc(worse.placeholders, worse.real)
    assert found.as_dict()["found"]["difference"] == found.found.value
