import numpy as np

from nophoto.models.vision.training.features import Features
from nophoto.models.vision.training.fitting import QUIET, embed, fit_head
from nophoto.models.vision.training.recipes import Recipe
from nophoto.models.vision.triplet.levels import REAL

RECIPE = Recipe(
    dimension=10,
    hidden=32,
    dropout=0.0,
    steps=200,
    learning_rate=3e-3,
    placeholders_per_batch=24,
    negatives_per_batch=24,
)


def features(pool: str, kinds: list[int], seed: int) -> Features:
    """Two copies of each of 60 pictures, near a centre of their kind."""
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(99).normal(0, 2, (30, 8))
    of = np.array(kinds)[np.arange(60) % len(kinds)]
    pictures = np.repeat(np.arange(60), 2)
    values = (centres[of] + rng.normal(0, 1, (60, 8)))[pictures] + rng.normal(0, 0.1, (120, 8))
    numbers = pictures + 1000 * seed
    return Features(
        values.astype(np.float16),
        pictures,
        numbers,
        np.repeat(of, 2) if pool == "drawn" else np.full(120, REAL),
        np.full(120, pool),
        np.arange(120),
        {},
    )


def test_a_head_learns_the_order_of_the_levels() -> None:
    placeholders, negatives = features("drawn", [1, 2], 1), features("real-0", [20, 21], 2)
    curve = []
    head = fit_head(placeholders, negatives, RECIPE, curve.append)
    assert curve[-1].loss < curve[0].loss
    ours, others = embed(head, placeholders.values), embed(head, negatives.values)
    assert np.allclose(np.linalg.norm(ours, axis=1), 1, atol=1e-3)
    kinds = placeholders.kinds
    cosines = ours @ ours.T
    copy = np.mean([cosines[2 * n, 2 * n + 1] for n in range(60)])
    same = cosines[kinds[:, None] == kinds].mean()
    other = cosines[kinds[:, None] != kinds].mean()
    assert copy > same > other > (ours @ others.T).mean()
    # Real pictures lie apart from each other too.
    real = others @ others.T
    assert np.mean([real[2 * n, 2 * n + 1] for n in range(60)]) > real.mean() + 0.1


def test_quiet_kinds_do_not_say_absence() -> None:
    quiet = features("drawn", [1, QUIET[0]], 1)
    head = fit_head(quiet, features("real-0", [20], 2), RECIPE, lambda epoch: None)
    axis = embed(head, quiet.values)[:, 0]
    loud, silent = axis[quiet.kinds == 1], axis[quiet.kinds == QUIET[0]]
    assert np.median(loud) > 0.3 > -0.3 > np.median(silent)


def test_the_same_seed_gives_the_same_head_and_no_features_no_embeddings() -> None:
    short = RECIPE.model_copy(update={"steps": 5})
    ours, others = features("drawn", [1, 2], 1), features("real-0", [20], 2)
    one, two = (fit_head(ours, others, short, lambda epoch: None) for _ in range(2))
    assert np.array_equal(embed(one, ours.values), embed(two, ours.values))
    assert embed(one, ours.values[:0]).shape == (0, 10)
