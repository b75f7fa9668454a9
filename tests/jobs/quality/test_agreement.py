import pytest
from sklearn.metrics import cohen_kappa_score

from nophoto.jobs.quality.agreement import agreement, cohen_kappa, krippendorff_alpha
from nophoto.models.records.review.spot_check_results import Answer
from nophoto.models.vocabulary import Verdict

PLACEHOLDER, REAL = Verdict.PLACEHOLDER, Verdict.REAL

KRIPPENDORFF = [
    (1, None, None, 1), (2, 2, 3, 2), (3, 3, 3, 3), (3, 3, 3, 3), (2, 2, 2, 2), (1, 2, 3, 4),
    (4, 4, 4, 4), (1, 1, 2, 1), (2, 2, 2, 2), (None, 5, 5, 5), (None, None, 1, 1),
    (None, 3, None, None),
]  # fmt: skip
"""Four observers and twelve units, with values that are missing: his example C of 2011."""


def test_alpha_is_that_of_krippendorffs_example() -> None:
    units = [
        {str(who): value for who, value in enumerate(unit) if value is not None}
        for unit in KRIPPENDORFF
    ]
    # With the first unit as he prints it, (1, 1, -, 1), it is 0.743.
    units[0]["1"] = 1
    assert krippendorff_alpha(units) == pytest.approx(0.743, abs=0.0005)


def test_kappa_is_that_of_scikit_learn() -> None:
    first = [1, 1, 0, 0, 1, 0, 1, 1, 0, 0]
    second = [1, 0, 0, 0, 1, 0, 1, 1, 1, 0]
    pairs = list(zip(first, second, strict=True))
    assert cohen_kappa(pairs) == pytest.approx(cohen_kappa_score(first, second))


def test_what_chance_alone_explains_has_no_figure() -> None:
    assert cohen_kappa([(1, 1)] * 5) is None
    assert krippendorff_alpha([{"ann": 1, "bob": 1}] * 5) is None
    assert krippendorff_alpha([{"ann": 1}]) is None


def test_moderators_are_compared_by_pair_and_with_golden_items() -> None:
    said = [
        Answer(1, "ann", REAL, None),
        Answer(1, "bob", REAL, None),
        Answer(2, "ann", REAL, None),
        Answer(2, "bob", PLACEHOLDER, None),
        Answer(3, "ann", PLACEHOLDER, PLACEHOLDER),
        Answer(3, "eve", REAL, PLACEHOLDER),
    ]
    found = agreement(said)
    pairs = {(pair.first, pair.second): (pair.items, pair.agreed) for pair in found.pairs}
    assert pairs == {("ann", "bob"): (2, 1), ("ann", "eve"): (1, 0)}
    moderators = {each.name: (each.golden, each.right) for each in found.moderators}
    assert moderators == {"ann": (1, 1), "eve": (1, 0)}
