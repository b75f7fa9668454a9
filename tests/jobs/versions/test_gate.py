import re

import numpy as np
import pytest

from nophoto.jobs.versions.gate import FEWEST, Parity, problems_of
from nophoto.models.vision.evaluation.paired import Scores, compare


def scores(found: int, flagged: int, placeholders: int = 100, real: int = 400) -> Scores:
    """So many found and flagged at a threshold of 0.5."""
    return Scores(
        np.where(np.arange(placeholders) < found, 0.9, 0.4),
        np.where(np.arange(real) < flagged, 0.6, 0.1),
        0.5,
    )


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        (scores(90, 4), scores(90, 4), None),
        (scores(90, 4), scores(97, 2), None),
        (scores(90, 4), scores(89, 5), None),  # by chance
        (scores(90, 4), scores(75, 4), "finds fewer placeholders: 75.00% after 90.00%"),
        (scores(90, 4), scores(90, 30), "flags more real pictures: 7.50% after 1.00%"),
        (scores(90, 4), scores(87, 4), "finds fewer placeholders"),  # unsure, but too much
        (scores(90, 4), scores(99, 12), "flags more real pictures"),  # nothing pays for that
        (scores(20, 0, FEWEST - 1), scores(20, 0, FEWEST - 1), "too few pictures.*--held-out"),
        (scores(20, 0, real=FEWEST - 1), scores(20, 0, real=FEWEST - 1), "too few pictures"),
    ],
)
def test_the_gate_opens_to_what_is_no_worse(
    before: Scores, after: Scores, problem: str | None
) -> None:
    found = "; ".join(problems_of(compare(before, after), "some pictures", "Use --held-out"))
    if problem is None:
        assert found == ""
    else:
        assert re.search(problem, found)


def test_a_version_that_ranks_worse_is_named_though_its_threshold_hides_it() -> None:
    before = scores(90, 4)
    shuffled = np.random.default_rng(0).uniform(0.1, 0.49, 400)
    after = Scores(before.placeholders, np.where(before.real > 0.5, 0.6, shuffled), 0.5)
    assert "ranks worse" in problems_of(compare(before, after), "some pictures", "")[0]


def test_without_pictures_nothing_is_promoted() -> None:
    assert "none" in problems_of(None, "the held-out pictures", "")[0]


@pytest.mark.parametrize(("value", "is_right"), [(0.9995, True), (0.99, False), (None, False)])
def test_the_serving_form_must_be_the_network(value: float | None, is_right: bool) -> None:
    assert (Parity(value, is_measured=False).problem is None) == is_right
