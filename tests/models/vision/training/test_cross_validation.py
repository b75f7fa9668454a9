"""Folds hold whole projects, and no picture is judged by what has seen its project."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from skimage import data

from nophoto.models.vision.drawing import draw
from nophoto.models.vision.evaluation import auc
from nophoto.models.vision.references import shipped_references
from nophoto.models.vision.training import (
    cross_validation,
    frozen,
    nearness_samples,
    samples,
)
from nophoto.models.vision.training import nearness as nearness_of_folds
from nophoto.models.vision.training.augmentation.promised import SINGLE
from nophoto.models.vision.training.cross_validation import (
    CrossValidationError,
    KnownPicture,
    assign_folds,
    cross_validate,
)
from nophoto.models.vision.training.features import Features
from nophoto.models.vision.training.nearness import judge_folds
from nophoto.models.vision.training.recipes import Recipe
from tests.parts import DECODERS

SMALL = Recipe(
    dimension=16,
    hidden=32,
    placeholders_per_batch=24,
    negatives_per_batch=24,
    steps=60,
    learning_rate=3e-3,
    drawn=60,
    distractors=30,
    variants=0,
    reference_variants=0,
    hardened=0,
    looks=0,
)


class Silent:
    def on_picture(self, stage: str, done: int, total: int) -> None: ...

    def on_epoch(self, epoch: object) -> None: ...

    def on_unreadable(self, path: Path, reason: str) -> None:
        raise AssertionError(f"{path}: {reason}")


def known(number: int, is_placeholder: bool, project: str, kind: str = "a") -> KnownPicture:
    return KnownPicture(Path(f"{number}.png"), is_placeholder, project, kind)


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 12)), min_size=1, max_size=80),
    st.integers(2, 5),
)
def test_projects_stay_whole_and_every_fold_has_both_sorts(
    drawn: list[tuple[bool, int]], folds: int
) -> None:
    sure = [(sort, 100 + number) for sort in (True, False) for number in range(folds)]
    pictures = [
        known(place, sort, f"{sort}-{project}")
        for place, (sort, project) in enumerate(drawn + sure)
    ]
    chosen = assign_folds(pictures, folds)
    fold_of: dict[str, int] = {}
    for picture, fold in zip(pictures, chosen, strict=True):
        assert fold_of.setdefault(picture.project, fold) == fold
    for sort in (True, False):
        there = {f for p, f in zip(pictures, chosen, strict=True) if p.is_placeholder == sort}
        assert there == set(range(folds))
    # Whatever order they come in.
    again = assign_folds(pictures[::-1], folds)[::-1]
    assert again == chosen


def test_folds_are_alike_in_size() -> None:
    sizes = (40, 30, 20, 10, 10, 10, 5, 5, 5, 5)
    pictures = [
        known(number, sort, f"{sort}-{project}")
        for sort in (True, False)
        for project, size in enumerate(sizes)
        for number in range(size)
    ]
    counts = Counter(assign_folds(pictures, 4))
    assert max(counts.values()) <= 80
    assert min(counts.values()) >= 60


def test_too_few_projects_are_said_so() -> None:
    pictures = [known(n, n < 5, f"project-{n}") for n in range(7)]
    with pytest.raises(CrossValidationError, match="real pictures of 2 projects"):
        assign_folds(pictures, 3)


@pytest.mark.network
@pytest.mark.usefixtures("lite0_weights")
def test_no_heads_have_seen_the_projects_that_they_judge(
    tmp_path: Path, kept_activations: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = []
    for seed in range(8):
        path = tmp_path / f"{seed}.png"
        draw(7_000 + seed).image.save(path)
        pictures.append(KnownPicture(path, True, f"project-{seed // 2}", "."))
    for name in ("astronaut", "chelsea", "coffee", "rocket"):
        image = Image.fromarray(getattr(data, name)())
        for number in range(3):
            path = tmp_path / f"{name}-{number}.jpg"
            image.crop((50 * number, 20, 50 * number + 150, 200)).save(path)
            pictures.append(KnownPicture(path, False, name, name))
    learnt: list[tuple[Features, Features]] = []
    fit_head = cross_validation.fit_head

    def listening(placeholders: Features, negatives: Features, *rest: object) -> object:
        learnt.append((placeholders, negatives))
        return fit_head(placeholders, negatives, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(cross_validation, "fit_head", listening)
    few = shipped_references()[::25]  # of each a copy is made after each promised change
    for module in (frozen, nearness_of_folds, nearness_samples, samples):
        monkeypatch.setattr(module, "shipped_references", lambda: few)
    folds = cross_validate(SMALL, pictures, 2, DECODERS, Silent(), activations=kept_activations)

    there = [picture.path for fold in folds for picture in fold.pictures]
    assert sorted(there) == sorted(picture.path for picture in pictures)
    for fold, (placeholders, negatives) in zip(folds, learnt, strict=True):
        given_rows = int((placeholders.pools == "given-known").sum())
        assert given_rows == 8 - sum(picture.is_placeholder for picture in fold.pictures)
        others = [p for p in pictures if not p.is_placeholder and p not in fold.pictures]
        groups = len({picture.group for picture in others})
        assert len([pool for pool in set(negatives.pools.tolist()) if "real" in pool]) <= groups
        assert fold.vectors.shape == (len(fold.pictures), SMALL.dimension)
        assert len(fold.changed) == len(fold.samples.samples) == len(fold.samples.is_single)
    judged, nearness = judge_folds(folds, 0.05)
    found = np.array([item.score for item in judged if item.picture.is_placeholder])
    alarms = np.array([item.score for item in judged if not item.picture.is_placeholder])
    assert auc(found, alarms) > 0.75
    assert nearness.own_single.total == 2 * len(few) * len(SINGLE)
    assert nearness.photograph_copies.total == 12 * len(SINGLE)
