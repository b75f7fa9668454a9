"""Which pictures are judged, of which project they are, and the figures drawn from them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import Result

from nophoto.jobs.evaluation.evaluate import EvaluationError
from nophoto.jobs.training.cross_validate import ProjectsFileError, known_pictures, summarise
from nophoto.models.vision.evaluation import Rate
from nophoto.models.vision.training.cross_validation import KnownPicture
from nophoto.models.vision.training.nearness import Judged, Nearness
from nophoto.models.vocabulary import Kind


def picture(path: Path, colour: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 8), (colour, 0, 0)).save(path)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "known"
    for place, name in enumerate(
        (
            "placeholder/acme/a.png",
            "placeholder/acme/b.png",
            "placeholder/loose.png",
            "real/photos/zoo/c.png",
            "real/hard/acme/d.png",
        )
    ):
        picture(inside / name, place)
    return inside


def test_folders_name_projects_and_kinds_and_each_content_comes_once(folder: Path) -> None:
    picture(folder / "real/photos/copy/again.png", 3)
    found = known_pictures([folder])
    assert [(p.path.name, p.is_placeholder, p.project, p.group) for p in found] == [
        ("loose.png", True, "loose.png", "."),
        ("a.png", True, "acme", "acme"),
        ("b.png", True, "acme", "acme"),
        ("d.png", False, "hard/acme", "hard/acme"),
        ("again.png", False, "photos/copy", "photos/copy"),
    ]


@pytest.mark.parametrize("column", ["project", "source_repo"])
def test_a_file_names_projects_by_paths_relative_to_itself(folder: Path, column: str) -> None:
    csv = folder.parent / "manifest.csv"
    csv.write_text(f"path,{column}\nknown/placeholder/loose.png,acme\nknown/real/x.png,none\n")
    found = {p.path.name: p.project for p in known_pictures([folder], [csv])}
    assert found["loose.png"] == "acme"
    assert found["c.png"] == "photos/zoo"


def test_a_file_without_its_columns_is_named(folder: Path) -> None:
    csv = folder / "manifest.csv"
    csv.write_text("file,project\n")
    with pytest.raises(ProjectsFileError, match="column `path`"):
        known_pictures([folder], [csv])
    with pytest.raises(ProjectsFileError, match="cannot be read"):
        known_pictures([folder], [folder / "missing.csv"])


def test_a_folder_without_its_two_parts_is_named(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="placeholder"):
        known_pictures([tmp_path])


@pytest.mark.parametrize(
    ("change", "message"), [("steps", "NAME=VALUE"), ("stepz=3", "stepz"), ("steps=0", "steps")]
)
def test_a_field_that_a_recipe_has_not_is_refused(
    cli: Callable[..., Result], folder: Path, change: str, message: str
) -> None:
    refused = cli("cross-validate", folder, "--set", change)
    assert refused.exit_code == 2
    assert message in refused.stderr


def test_too_few_projects_are_refused_before_anything_is_computed(
    cli: Callable[..., Result], folder: Path
) -> None:
    refused = cli("cross-validate", folder, "--folds", 3)
    assert refused.exit_code == 1
    assert "real pictures of 2 projects" in refused.stderr


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


def test_kinds_come_from_a_file(folder: Path) -> None:
    csv = folder.parent / "kinds.csv"
    csv.write_text(
        "path,kind,ambiguous\nknown/placeholder/loose.png,notice,1\n"
        "known/placeholder/acme/a.png,riddle,0\n"
    )
    found = {p.path.name: (p.kind, p.is_ambiguous) for p in known_pictures([folder], kinds=csv)}
    assert found["loose.png"] == (Kind.NOTICE, True)
    assert found["a.png"] == found["b.png"] == (None, False)
    csv.write_text("path,kind\n")
    with pytest.raises(ProjectsFileError, match="lacks the columns ambiguous"):
        known_pictures([folder], kinds=csv)


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
