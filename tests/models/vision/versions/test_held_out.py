from pathlib import Path

from nophoto.models.vision.versions import (
    HeldOutMistake,
    ModelVersion,
    held_out_mistakes,
    open_version,
    read_held_out,
    write_held_out,
    write_manifest,
)
from nophoto.models.vocabulary import Verdict
from tests.models.vision.versions.test_directory import FIELDS


def version(folder: Path) -> ModelVersion:
    (folder / "network.xml").write_text("<net/>")
    return open_version(write_manifest(folder, "lite0", **FIELDS).folder)


def test_mistakes_are_those_on_the_wrong_side_the_furthest_first(tmp_path: Path) -> None:
    placeholders = {"a": 0.5, "b": 0.49, "c": -0.2}
    real = {"d": 0.1, "e": 0.5, "f": 0.9}
    write_held_out(tmp_path, {Verdict.PLACEHOLDER: placeholders, Verdict.REAL: real})
    kept = version(tmp_path)
    assert read_held_out(kept) == {Verdict.PLACEHOLDER: placeholders, Verdict.REAL: real}
    assert held_out_mistakes(kept) == [
        HeldOutMistake("c", Verdict.PLACEHOLDER, -0.2),
        HeldOutMistake("f", Verdict.REAL, 0.9),
        HeldOutMistake("b", Verdict.PLACEHOLDER, 0.49),
        HeldOutMistake("e", Verdict.REAL, 0.5),
    ]


def test_a_version_that_kept_none_has_no_mistakes(tmp_path: Path) -> None:
    assert held_out_mistakes(version(tmp_path)) == []
