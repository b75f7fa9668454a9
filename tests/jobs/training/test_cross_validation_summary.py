"""The figures that are drawn from judged pictures."""

from pathlib import Path

import pytest

from nophoto.jobs.training.cross_validation_summary import summarise
from nophoto.models.vision.evaluation import Rate
from nophoto.models.vision.training.cross_validation import KnownPicture
from nophoto.models.vision.training.nearness import Judged, Nearness
from nophoto.models.vocabulary import Kind

NEARNESS = Nearness(
    **{
        name: Rate(1, 2)
        for name in (
            "kinds",
            "own_single",
            "own_three",
            "found_single",
            "found_three",
            "photograph_others",
            "photograph_worst",
            "photograph_copies",
        )
    },
    retired={Kind.NOTICE: (Rate(0, 3), Rate(1, 9))},
    median_cosine=0.4,
)


def test_the_decision_is_a_score_of_zero_and_the_worst_comes_first() -> None:
    def judged(is_placeholder: bool, group: str, score: float, **kind: object) -> Judged:
        known = KnownPicture(Path("x"), is_placeholder, group, group, **kind)  # type: ignore[arg-type]
        return Judged(known, 0, score, Kind.NOTICE)

    items = [judged(True, "a", score, kind=Kind.NOTICE) for score in (0.1, 0.0, -0.1)]
    # Neither what somebody could take for an upload nor a kind of which only copies are claimed.
    items += [judged(True, "a", -1.0, kind=Kind.CARTOON)]
    items += [judged(True, "a", -1.0, kind=Kind.NOTICE, is_ambiguous=True)]
    items += [judged(False, "logos", 0.2), judged(False, "logos", -0.2)]
    items += [judged(False, "photos", score) for score in (0.3, -0.1, -0.2, -0.3)]
    found = summarise(items, NEARNESS)
    assert (found.decision.recall.hits, found.decision.recall.total) == (2, 3)
    assert list(found.decision.by_group) == ["logos", "photos"]
    assert found.decision.false_positives.hits == 2
    content = found.as_dict()
    assert content["nearness"]["notice retired: still flagged"]["of"] == [0, 3]


def test_hard_pictures_set_no_threshold_and_projects_count_alike() -> None:
    def judged(is_placeholder: bool, project: str, kind: str, similarity: float) -> Judged:
        known = KnownPicture(Path("x"), is_placeholder, project, kind)
        return Judged(known, 0, similarity - 0.5, Kind.NOTICE)

    items = [judged(False, "zoo", "photos", value / 1_000) for value in range(500)]
    items += [judged(False, "bank", "hard/receipts", value) for value in (0.1, 0.6, 0.9)]
    items += [judged(True, "acme", "tiles", value) for value in (0.9, 0.8, 0.7, 0.4)]
    items += [judged(True, "other", "tiles", 0.45)]
    one_in_100, one_in_1000 = summarise(items, NEARNESS).at

    assert one_in_1000.threshold == pytest.approx(-0.001)
    assert (one_in_1000.found.hits, one_in_1000.found.total) == (3, 5)
    assert one_in_1000.project_mean == pytest.approx((0.75 + 0) / 2)
    assert one_in_1000.project_interval == pytest.approx((0, 0.75))
    assert (one_in_1000.hard.hits, one_in_1000.hard.total) == (2, 3)
    assert one_in_1000.false_alarms["photos"].hits == 0
    # Five of 500 may be flagged.
    assert one_in_100.threshold == pytest.approx(-0.006)
    assert one_in_100.false_alarms["photos"].hits == 5
    assert set(one_in_100.by_project) == {"acme", "other"}
    assert summarise(items, NEARNESS).as_dict()["at"][1]["hard_false_alarms"]["of"] == [2, 3]
