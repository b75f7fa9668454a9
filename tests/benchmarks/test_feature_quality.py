"""What is linear in features, on projects that were not learnt."""

import numpy as np

from benchmarks.feature_quality import figures, judge, row, some_projects


def test_each_picture_is_judged_by_what_other_folds_teach() -> None:
    absent = np.array([True, False] * 60)
    folds = np.arange(120) // 2 % 3
    # The first fold says the opposite of the others.
    features = np.where(absent ^ (folds == 0), 1.0, -1.0)[:, None].astype(np.float32)
    features[folds == 1] *= 3

    logits = judge(features, folds, absent, np.ones(120, np.bool_))

    first = folds == 0
    assert (logits[first & absent] < 0).all()
    assert (logits[first & ~absent] > 0).all()
    assert (logits[(folds == 2) & absent] > 0).all()


def test_what_is_left_out_is_not_learnt() -> None:
    absent = np.array([True, False] * 30)
    features = np.where(absent, 1.0, -1.0)[:, None].astype(np.float32)
    folds = np.arange(60) // 2 % 2
    learnt = np.ones(60, np.bool_)
    wrong = np.flatnonzero(absent)[:10]
    labels = absent.copy()
    labels[wrong] = False
    learnt[wrong] = False

    logits = judge(features, folds, labels, learnt)

    assert (logits[absent] > 0).all()
    assert (logits[~absent] < 0).all()


def test_a_row_has_areas_and_what_is_found_at_each_rate() -> None:
    real = np.arange(1_000, dtype=np.float64)
    clear = np.array([500.5, 995.5, 2_000.0, 2_000.0])

    shown = row("one", [figures(clear, real, real[-10:])])

    assert shown[0] == "one"
    assert shown[1] == f"{(501 + 996 + 1_000 + 1_000) / 4_000:.4f}"
    assert shown[2] == f"{(0 + 6 + 10 + 10) / 40:.4f}"
    assert shown[3:] == ["50.0%", "75.0%", "75.0%", "75.0%"]


def test_a_row_of_several_draws_has_their_means() -> None:
    assert row("two", [[0.5, 0.5, 0, 0, 0, 0.5], [1, 0.5, 0, 0, 0, 1]]) == [
        "two",
        "0.7500",
        "0.5000",
        "0.0%",
        "0.0%",
        "0.0%",
        "75.0%",
    ]


def test_a_share_of_the_projects_is_learnt_whole_beside_all_that_is_real() -> None:
    projects = np.repeat([f"project {number}" for number in range(20)], 5)
    absent = np.arange(100) % 5 > 1

    learnt = some_projects(projects, absent, 0.25, 0)

    assert learnt[~absent].all()
    assert len(set(projects[absent & learnt])) == 5
    assert (absent & learnt).sum() == 15
    assert (some_projects(projects, absent, 0.25, 1) != learnt).any()
    assert some_projects(projects, absent, 1, 0).all()
