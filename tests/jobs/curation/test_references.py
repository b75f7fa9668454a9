import json

import pytest

from nophoto.jobs.versions.promotion import current_user
from nophoto.models.vision.references import shipped_references


@pytest.fixture
def listed(cli):
    """The references as `list --json` prints them, by id."""

    def read(*arguments):
        rows = json.loads(cli("references", "list", "--json", *arguments).stdout)
        return {row["id"]: row for row in rows}

    return read


def test_add_refuses_by_name_what_is_no_picture(cli, upgraded, picture, listed):
    good = picture("café [red].png")
    bad = good.with_name("text.jpg")
    bad.write_text("no picture")
    result = cli(
        "references", "add", good, bad, good.parent, "/gone.png", "--note", "seen today", "--json"
    )
    printed = json.loads(result.stdout)
    assert result.exit_code == 1
    assert [member["name"] for member in printed["added"]] == ["café [red].png"]
    assert [item["file"] for item in printed["refused"]] == [
        str(bad),
        str(good.parent),
        "/gone.png",
    ]
    assert printed["reference_set"] == {"version": 2, "size": len(shipped_references()) + 1}
    row = listed()[printed["added"][0]["id"]]
    assert (row["origin"], row["note"]) == ("added", "seen today")


def test_add_twice_and_after_retiring(cli, upgraded, picture):
    file = picture("one.png")
    reference = json.loads(cli("references", "add", file, "--json").stdout)["added"][0]["id"]
    assert "known one.png" in cli("references", "add", file).stderr
    cli("references", "retire", reference)
    result = cli("references", "add", file)
    assert (result.exit_code, "restore" in result.stderr) == (0, True)


def test_retire_and_restore_move_between_the_lists(cli, upgraded, listed):
    first, second = list(listed())[:2]
    result = cli("references", "retire", first, second, first)
    assert result.stdout.startswith("2 retired; the reference set is at version 2")
    assert set(listed("--state", "retired")) == {first, second}
    result = cli("references", "restore", first, next(reversed(listed())))
    assert "1 restored, 1 were restored already" in result.stdout
    assert first in listed()
    assert len(listed("--state", "all")) == len(shipped_references())


def test_quarantine_is_told_with_who_and_when_and_restore_takes_it_back(cli, upgraded, listed):
    first, second = list(listed())[:2]
    result = cli("references", "quarantine", first, second)
    assert result.stdout.startswith("2 quarantined; the reference set is at version 2")
    assert "1 were quarantined already" in cli("references", "quarantine", first).stdout
    held = listed("--state", "quarantined")
    assert set(held) == {first, second}
    assert held[first]["changed_by"] == current_user()
    assert held[first]["changed_at"] > held[first]["created_at"]
    assert first not in listed()
    assert "1 restored" in cli("references", "restore", first).stdout
    assert "1 retired" in cli("references", "retire", second).stdout
    assert listed("--state", "quarantined") == {}


def test_show_writes_the_picture_as_it_was_added(cli, upgraded, picture, tmp_path):
    file = picture("one.png")
    reference = json.loads(cli("references", "add", file, "--json").stdout)["added"][0]["id"]
    out = tmp_path / "out.png"
    result = cli("references", "show", reference, "--out", out, "--json")
    printed = json.loads(result.stdout)
    assert (printed["name"], printed["bytes"]) == ("one.png", file.stat().st_size)
    assert out.read_bytes() == file.read_bytes()
    assert "one.png" in cli("references", "show", reference).stdout


def test_unknown_id_and_place_that_cannot_be_written(cli, upgraded, tmp_path):
    for command in ("show", "quarantine", "retire", "restore"):
        result = cli("references", command, 9999)
        assert result.exit_code == 1
        assert "no reference has the id 9999" in result.stderr
    result = cli("references", "show", 1, "--out", tmp_path / "no" / "folder.png")
    assert result.exit_code == 1
    assert "cannot be written" in result.stderr


def test_table(cli, installed):
    shown = cli("references", "list").stdout
    assert all(reference.name in shown for reference in shipped_references()[:5])
