import numpy as np
import pytest

from models.vision.training.features import Features
from models.vision.training.fitting import fit_head
from models.vision.training.recipes import Recipe


def features(pool: str, centre: float, labels: list[int]) -> Features:
    rng = np.random.default_rng(len(labels))
    values = rng.normal(centre, 1, (len(labels), 8)).astype(np.float16)
    pools = np.full(len(labels), pool)
    return Features(values, np.array(labels), pools, np.arange(len(labels)), {})


@pytest.mark.parametrize("margin", [0.5, None])
def test_a_head_learns_by_the_hinge_and_by_the_soft_margin(margin: float | None) -> None:
    placeholders = features("drawn", 0.5, [0] * 60)
    negatives = features("real-0", -0.5, list(range(1, 61)))
    recipe = Recipe(margin=margin, dimension=8, hidden=(16,), steps=150)
    curve = []
    head = fit_head(placeholders, negatives, recipe, curve.append)
    assert curve[-1].loss < curve[0].loss
    ours, others = (head.predict(some.values, verbose=0) for some in (placeholders, negatives))
    assert (ours @ ours.T).mean() > (ours @ others.T).mean() + 0.5
