"""A file that kills its decoder costs each command that file alone, and its name is told."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from nophoto.models.records import references
from nophoto.models.records.database import Database
from nophoto.models.records.matching import allow_list
from nophoto.models.subprocesses import python_module
from nophoto.models.vision.references import shipped_references
from tests.boom import boom, write_stand_in
from tests.jobs.conftest import Cli
from tests.jobs.uploads.test_report import Page

TWICE = "ended the process that decoded it, twice"


@pytest.fixture
def folder(tmp_path: Path, killer: bytes, picture: Callable[[str], Path]) -> Path:
    """A photograph, a placeholder and between them the file that kills."""
    folder = picture("a-photo.png").parent
    (folder / "boom.jpg").write_bytes(killer)
    (folder / "c-tile.webp").write_bytes(shipped_references()[0].data)
    return folder


@pytest.fixture
def kinds(tmp_path: Path, folder: Path) -> Path:
    """The same as `evaluate` takes them: two kinds, each with the file that kills."""
    for kind, name in (("real", "a-photo.png"), ("placeholder", "c-tile.webp")):
        (tmp_path / "kinds" / kind).mkdir(parents=True)
        for each in (name, "boom.jpg"):
            shutil.copy(folder / each, tmp_path / "kinds" / kind / each)
    return tmp_path / "kinds"


def test_score(cli: Cli, folder: Path) -> None:
    result = cli("score", folder, "--json")
    assert result.exit_code == 0
    photo, killer, tile = json.loads(result.stdout)
    assert (photo["verdict"], tile["verdict"]) == ("real", "placeholder")
    assert (killer["failure"], killer["verdict"]) == ("crashed", None)
    assert killer["uri"].endswith("boom.jpg")
    assert TWICE in killer["failure_message"]
    assert cli("score", folder / "boom.jpg").exit_code == 1


def test_score_against_a_folder_of_references(cli: Cli, folder: Path, caplog) -> None:
    result = cli("score", folder / "c-tile.webp", "--references", folder, "--json")
    assert json.loads(result.stdout)[0]["nearest_reference"] == "c-tile.webp"
    assert "boom.jpg" in caplog.text
    assert TWICE in caplog.text


def test_score_in_a_process_of_its_own(tmp_path: Path, picture: Callable[[str], Path]) -> None:
    photo = picture("photo.png")
    killer = photo.with_name("boom.jpg")
    killer.write_bytes(boom())
    done = subprocess.run(
        python_module("nophoto.jobs.cli", "score", "--json", str(killer), str(photo)),
        env=os.environ | {"PYTHONPATH": str(write_stand_in(tmp_path / "stand-in"))},
        capture_output=True,
        check=True,
    )
    first, second = json.loads(done.stdout)
    assert (first["failure"], second["verdict"]) == ("crashed", "real")


def test_evaluate_with_its_contact_sheets(cli: Cli, kinds: Path, tmp_path: Path) -> None:
    result = cli("evaluate", kinds, "--json", "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["failures"] == {"crashed": 2}
    assert result.stderr.count("boom.jpg") == 2
    assert TWICE in result.stderr
    assert (tmp_path / "out" / "missed.png").is_file()


def test_references_add(cli: Cli, folder: Path, upgraded: Database) -> None:
    with upgraded.reading() as session:
        before = len(references.active(session).members)
    result = cli("references", "add", folder / "a-photo.png", folder / "boom.jpg")
    assert result.exit_code == 1
    assert f"refused {folder / 'boom.jpg'}: crashed: " in result.stderr
    with upgraded.reading() as session:
        assert len(references.active(session).members) == before + 1


@pytest.mark.parametrize("look_alikes", [[], ["--look-alikes"]])
def test_allow_add(cli: Cli, folder: Path, upgraded: Database, look_alikes: list[str]) -> None:
    files = folder / "a-photo.png", folder / "boom.jpg"
    result = cli("allow", "add", *files, "--reason", "ours", *look_alikes)
    assert result.exit_code == 1
    assert f"refused {folder / 'boom.jpg'}: crashed: " in result.stderr
    with upgraded.reading() as session:
        assert [m.name for m in allow_list.active(session).members] == ["a-photo.png"]


def test_report(
    cli: Cli, folder: Path, upgraded: Database, outcomes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOPHOTO_ROOTS", str(folder))
    outcomes(
        upgraded,
        ("photo", str(folder / "a-photo.png"), 0.9),
        ("killer", str(folder / "boom.jpg"), 0.8),
        ("tile", str(folder / "c-tile.webp"), 0.7),
    )
    assert cli("report").exit_code == 0
    page = Page(Path("nophoto-report.html").read_text())
    shown = [
        image["src"] for image in page.all("img") if image["src"].startswith("data:image/webp")
    ]
    # Each of three references beside two pictures.
    assert len(shown) == 5
    assert TWICE in page.text


def test_the_comparison_of_two_versions(cli: Cli, kinds: Path, upgraded: Database, caplog) -> None:
    result = cli("model", "compare", "active", "active", "--held-out", kinds, "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["placeholders"] == 1
    assert caplog.text.count("boom.jpg") == 2


@pytest.mark.slow
@pytest.mark.network
@pytest.mark.timeout(600)
@pytest.mark.usefixtures("lite0_weights", "upgraded")
def test_retrain(
    cli: Cli, killer: bytes, training_folder: Path, tmp_path: Path, kept_activations: Path
) -> None:
    folder = tmp_path / "training"
    shutil.copytree(training_folder, folder)
    for name in ("real", "held/real", "held/placeholder"):
        (folder / name / "boom.jpg").write_bytes(killer)
    fields = {"drawn": 40, "distractors": 4, "variants": 1, "steps": 4}
    fields |= {"reference_variants": 0, "hardened": 1, "dimension": 32}
    result = cli(
        "retrain",
        "--no-reviews",
        f"--real={folder / 'real'}",
        f"--held-out={folder / 'held'}",
        f"--activations={kept_activations}",
        *(word for name, value in fields.items() for word in ("--set", f"{name}={value}")),
    )
    assert result.exit_code == 0, result.output
    named = [line for line in result.output.splitlines() if TWICE in line]
    for name in ("real", "held/real", "held/placeholder"):
        assert any(str(folder / name / "boom.jpg") in line for line in named), result.output
