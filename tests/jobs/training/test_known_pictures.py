"""Which pictures a cross-validation judges, and of which project and kind they are."""

import shutil
from pathlib import Path

import pytest

from nophoto.jobs.evaluation.evaluate import EvaluationError
from nophoto.jobs.training.known_pictures import ProjectsFileError, known_pictures
from nophoto.models.vocabulary import Kind


def test_folders_name_projects_and_kinds_and_each_content_comes_once(known_folder: Path) -> None:
    again = known_folder / "real/photos/copy/again.png"
    again.parent.mkdir()
    shutil.copy(known_folder / "real/photos/zoo/c.png", again)
    found = known_pictures([known_folder])
    assert [(p.path.name, p.is_placeholder, p.project, p.group) for p in found] == [
        ("loose.png", True, "loose.png", "."),
        ("a.png", True, "acme", "acme"),
        ("b.png", True, "acme", "acme"),
        ("d.png", False, "hard/acme", "hard/acme"),
        ("again.png", False, "photos/copy", "photos/copy"),
    ]


@pytest.mark.parametrize("column", ["project", "source_repo"])
def test_a_file_names_projects_by_paths_relative_to_itself(known_folder: Path, column: str) -> None:
    csv = known_folder.parent / "manifest.csv"
    csv.write_text(f"path,{column}\nknown/placeholder/loose.png,acme\nknown/real/x.png,none\n")
    found = {p.path.name: p.project for p in known_pictures([known_folder], [csv])}
    assert found["loose.png"] == "acme"
    assert found["c.png"] == "photos/zoo"


def test_a_file_without_its_columns_is_named(known_folder: Path) -> None:
    csv = known_folder / "manifest.csv"
    csv.write_text("file,project\n")
    with pytest.raises(ProjectsFileError, match="column `path`"):
        known_pictures([known_folder], [csv])
    with pytest.raises(ProjectsFileError, match="cannot be read"):
        known_pictures([known_folder], [known_folder / "missing.csv"])


def test_a_folder_without_its_two_parts_is_named(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="placeholder"):
        known_pictures([tmp_path])


def test_kinds_come_from_a_file(known_folder: Path) -> None:
    csv = known_folder.parent / "kinds.csv"
    csv.write_text(
        "path,kind,ambiguous\nknown/placeholder/loose.png,notice,1\n"
        "known/placeholder/acme/a.png,riddle,0\n"
    )
    found = {
        p.path.name: (p.kind, p.is_ambiguous) for p in known_pictures([known_folder], kinds=csv)
    }
    assert found["loose.png"] == (Kind.NOTICE, True)
    assert found["a.png"] == found["b.png"] == (None, False)
    csv.write_text("path,kind\n")
    with pytest.raises(ProjectsFileError, match="lacks the columns ambiguous"):
        known_pictures([known_folder], kinds=csv)
