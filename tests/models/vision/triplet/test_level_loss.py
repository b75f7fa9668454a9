"""The loss of levels, computed again with numpy."""

import keras
import numpy as np
import pytest

from nophoto.models.vision.triplet.absence import CENTRE, SCALE, AbsenceAxis, absence_logit
from nophoto.models.vision.triplet.level_loss import LevelLoss
from nophoto.models.vision.triplet.levels import REAL, UNKNOWN

SMOOTHING = 0.03


def embeddings(count: int, seed: int = 0, weight: float = 0.5) -> np.ndarray:
    """Of length 1: an axis of absence and a direction of four numbers."""
    rng = np.random.default_rng(seed)
    along = rng.uniform(-0.9, 0.9, count)
    axis = np.stack([along, np.sqrt(1 - along**2)], axis=1)
    direction = rng.normal(size=(count, 4))
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    parts = [axis * weight**0.5, direction * (1 - weight) ** 0.5]
    return np.concatenate(parts, axis=1).astype(np.float32)


def by_hand(
    marks: list[tuple[int, int, int]], rows: np.ndarray, quiet: tuple[int, ...], loss: LevelLoss
) -> float:
    """Level after level, picture after picture."""
    axis = rows[:, 0] / np.hypot(rows[:, 0], rows[:, 1])
    logits = CENTRE + SCALE * np.arctanh(axis)
    direction = rows[:, 2:] / np.linalg.norm(rows[:, 2:], axis=1, keepdims=True)
    cosines = direction @ direction.T
    placeholders, real, kinds, copies = [], [], [], []
    for i, (picture, source, kind) in enumerate(marks):
        says, says_not = np.log1p(np.exp(-logits[i])), np.log1p(np.exp(logits[i]))
        if kind == REAL or kind in quiet:
            real.append((1 - SMOOTHING) * says_not + SMOOTHING * says)
        else:
            placeholders.append((1 - SMOOTHING) * says + SMOOTHING * says_not)
        others = [j for j, (p, s, _) in enumerate(marks) if p != picture and s != source and i != j]
        known = [j for j in others if marks[j][2] >= 0] if kind >= 0 else []
        alike = [j for j in known if marks[j][2] == kind]
        if alike:
            near = np.exp(cosines[i] / loss.kind_temperature)
            kinds.append(np.log(near[known].sum() / near[alike].sum()))
        same = [j for j, (p, _, _) in enumerate(marks) if p == picture and i != j]
        if same:
            scaled = cosines[i] / loss.copy_temperature
            all_of_them = np.log(np.exp(scaled[others + same]).sum())
            copies.append(all_of_them - scaled[same].mean())
    levels = [np.mean(level) if level else 0.0 for level in (placeholders, real, kinds, copies)]
    return float(
        levels[0] + levels[1] + loss.kind_weight * levels[2] + loss.copy_weight * levels[3]
    )


MARKS = [
    (0, 0, 2),
    (1, 1, 2),
    (2, 2, 5),
    (3, 3, REAL),
    (4, 3, REAL),
    (5, 5, UNKNOWN),
    (6, 6, 7),
    (0, 0, 2),
    (1, 1, 2),
    (2, 2, 5),
    (3, 3, REAL),
    (6, 6, 7),
]


@pytest.mark.parametrize("quiet", [(), (7,), (2, 7)])
def test_the_loss_is_the_sum_of_its_levels(quiet: tuple[int, ...]) -> None:
    rows = embeddings(len(MARKS))
    loss = LevelLoss(quiet, kind_weight=0.4, copy_weight=0.7)
    found = float(loss(np.array(MARKS, np.int32), rows))
    assert found == pytest.approx(by_hand(MARKS, rows, quiet, loss), rel=1e-4)


def test_levels_without_pictures_cost_nothing() -> None:
    rows = embeddings(2)
    loss = LevelLoss()
    alone = [(0, 0, REAL), (1, 1, REAL)]
    assert float(loss(np.array(alone), rows)) == pytest.approx(by_hand(alone, rows, (), loss))


def test_variants_of_one_source_are_neither_positives_nor_negatives() -> None:
    rows = embeddings(3)
    loss = LevelLoss(kind_weight=1.0, copy_weight=1.0)
    apart, together = (
        float(loss(np.array([(0, 0, 2), (1, source, 2), (2, 9, 3)]), rows)) for source in (1, 0)
    )
    # Of one source: no placeholder of the kind is left to be near.
    assert together < apart


def test_a_copy_that_comes_nearer_costs_less() -> None:
    rows = embeddings(4)
    marks = np.array([(0, 0, REAL), (1, 1, REAL), (0, 0, REAL), (1, 1, REAL)])
    nearer = rows.copy()
    nearer[2:] = rows[:2]
    assert float(LevelLoss()(marks, nearer)) < float(LevelLoss()(marks, rows))


def test_the_loss_is_built_again_from_its_configuration() -> None:
    loss = LevelLoss((3, 4), 0.1, 0.2, 0.3, 0.4, 0.05)
    again = LevelLoss.from_config(loss.get_config())
    marks, rows = np.array(MARKS), embeddings(len(MARKS), seed=3)
    assert float(again(marks, rows)) == float(loss(marks, rows))


def test_the_axis_gives_its_logit_back_whatever_its_weight() -> None:
    logits = np.linspace(-5, 7, 25, dtype=np.float32)
    points = np.asarray(AbsenceAxis()(logits[:, None]))
    assert np.allclose(np.linalg.norm(points, axis=1), 1, atol=1e-4)
    for weight in (1.0, 0.3):
        assert np.allclose(np.asarray(absence_logit(points * weight)), logits, atol=0.02)


def test_the_axis_is_saved_with_a_network(tmp_path) -> None:
    inputs = keras.Input((1,))
    network = keras.Model(inputs, AbsenceAxis()(inputs))
    network.save(tmp_path / "axis.keras")
    again = keras.saving.load_model(tmp_path / "axis.keras", safe_mode=True)
    row = np.array([[0.7]], np.float32)
    assert np.array_equal(again.predict(row, verbose=0), network.predict(row, verbose=0))
