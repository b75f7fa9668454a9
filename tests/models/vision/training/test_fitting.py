import numpy as np
import pytest

from nophoto.models.vision.training.features import Features
from nophoto.models.vision.training.fitting import fit_head, fit_heads
from nophoto.models.vision.training.recipes import Recipe


def features(pool: str, centre: float, labels: list[int]) -> Features:
    rng = np.random.default_rng(len(labels))
    values = rng.normal(centre, 1, (len(labels), 8)).astype(np.float16)
    pools = np.full(len(labels), pool)
    return Features(values, np.array(labels), pools, np.arange(len(labels)), {})


@pytest.mark.parametrize("margin", [0.5, None])
def test_a_head_learns_by_the_hinge_and_by_the_soft_margin(margin: float | None) -> None:
    placeholders = features("drawn", 0.5, [0] * 60)
    negatives = features("real-0", -0.5, list(range(1, 61)))
    recipe = Recipe(margin=margin, heads=1, dimension=8, hidden=(16,), steps=150)
    curve = []
    head = fit_head(placeholders, negatives, recipe, curve.append)
    assert curve[-1].loss < curve[0].loss
    ours, others = (head.predict(some.values, verbose=0) for some in (placeholders, negatives))
    assert (ours @ ours.T).mean() > (ours @ others.T).mean() + 0.5


def test_heads_side_by_side_are_those_of_their_seeds() -> None:
    placeholders = features("drawn", 0.5, [0] * 60)
    negatives = features("real-0", -0.5, list(range(1, 61)))
    recipe = Recipe(heads=3, dimension=12, hidden=(16,), steps=20, seed=5)
    together = fit_heads(placeholders, negatives, recipe, lambda epoch: None)
    alone = [
        fit_head(
            placeholders, negatives, recipe.model_copy(update={"seed": seed}), lambda epoch: None
        )
        for seed in (5, 6, 7)
    ]

    embeddings = np.asarray(together.predict(placeholders.values, verbose=0))
    parts = [np.asarray(head.predict(placeholders.values, verbose=0)) for head in alone]
    assert embeddings.shape == (60, 12)
    assert not np.allclose(parts[0], parts[1], atol=0.1)
    # The cosine is the mean of the heads' cosines.
    expected = np.mean([part @ part.T for part in parts], axis=0)
    assert np.allclose(embeddings @ embeddings.T, expected, atol=1e-5)


@pytest.mark.parametrize(("heads", "dimension"), [(3, 128), (4, 4)])
def test_an_embedding_that_heads_cannot_share_is_refused(heads: int, dimension: int) -> None:
    with pytest.raises(ValueError, match=f"dimension={dimension} cannot be split"):
        Recipe(heads=heads, dimension=dimension)
