import json

import pytest

from nophoto.models.vision.drawing import draw
from nophoto.models.vision.references import shipped_references


@pytest.fixture
def placeholder(tmp_path):
    """The file of a shipped reference."""
    file = tmp_path / "placeholder.webp"
    file.write_bytes(shipped_references()[0].data)
    return file


def test_score_needs_neither_database_nor_broker(cli, home, placeholder, picture):
    bad = picture("a.png").with_name("text.jpg")
    bad.write_text("no picture")
    result = cli("score", placeholder, bad, picture("a.png"), "--json")
    assert result.exit_code == 0
    first, second, third = json.loads(result.stdout)
    assert (first["verdict"], first["nearest_reference"]) == (
        "placeholder",
        shipped_references()[0].name,
    )
    assert first["similarity"] > 0.99
    assert (second["failure"], second["verdict"]) == ("unreadable", None)
    assert second["failure_message"]
    assert third["verdict"] == "real"
    assert not home.exists()


def test_other_references(cli, tmp_path, placeholder):
    folder = tmp_path / "set"
    folder.mkdir()
    drawing = draw(1234, "solid").image
    drawing.save(folder / "mine.png")
    (folder / "broken.png").write_bytes(b"")
    result = json.loads(cli("score", folder / "mine.png", "--references", folder, "--json").stdout)
    assert (result[0]["nearest_reference"], result[0]["verdict"]) == ("mine.png", "placeholder")
    table = cli("score", folder, "--references", folder).stdout
    assert "unreadable" in table
    assert "mine.png" in table


def test_folder_without_references(cli, tmp_path, placeholder):
    empty = tmp_path / "empty"
    empty.mkdir()
    result = cli("score", placeholder, "--references", empty)
    assert result.exit_code == 1
    assert "no picture to compare with" in result.stderr
    assert cli("score", placeholder, "--references", tmp_path / "gone").exit_code == 2


def test_nothing_could_be_judged(cli, tmp_path, placeholder):
    (tmp_path / "set").mkdir()
    placeholder.rename(tmp_path / "set" / "one.webp")
    bad = tmp_path / "text.jpg"
    bad.write_text("no picture")
    result = cli("score", bad, "/gone.png", "--references", tmp_path / "set", "--json")
    assert result.exit_code == 1
    assert [row["failure"] for row in json.loads(result.stdout)] == ["unreadable"]
    assert "no such file" in result.stderr
    assert json.loads(cli("score", "/gone.png", "--json").stdout) == []
