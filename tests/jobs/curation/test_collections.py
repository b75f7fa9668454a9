"""`nophoto collections`: what other settings would turn over is shown before they are made."""

import json
from pathlib import Path

import pytest

from nophoto.models.records import collections
from nophoto.models.records.access import audit
from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle.uploads import NewUpload, add_uploads
from nophoto.models.records.outcomes.results import find
from nophoto.models.records.tables import Lane, Role
from nophoto.models.vision.references import shipped_references
from nophoto.worker.settings import Settings
from tests.parts import pipeline_of

OFF = json.dumps(
    dict.fromkeys(
        [
            "notice",
            "person",
            "initials",
            "picture-icon",
            "object-icon",
            "cover",
            "plain",
            "broken",
            "size-label",
            "brand",
            "photo",
            "own",
            "cartoon",
            "identicon",
        ],
        "off",
    )
)


@pytest.fixture
def judged(cli, upgraded: Database, tmp_path: Path) -> Database:
    """Three placeholders in `avatars` and one in `default`."""
    assert cli("collections", "add", "avatars").exit_code == 0
    sent = []
    for number in range(4):
        file = tmp_path / f"{number}.webp"
        file.write_bytes(shipped_references()[number * 20].data)
        name = "avatars" if number else "default"
        sent.append(NewUpload(f"key {number}", str(file), collection=name))
    with upgraded.transaction() as session:
        ids = add_uploads(session, sent, Lane.BULK).ids
    pipeline_of(upgraded, Settings(_env_file=None, roots=(str(tmp_path),))).score_chunk(ids)
    return upgraded


def test_a_change_is_tried_first_and_asked_about(cli, judged: Database) -> None:
    dry = cli("collections", "set", "avatars", "--kinds", OFF, "--dry-run", "--json")
    found = json.loads(dry.stdout)
    assert (found["compared"], found["to_real"], found["to_placeholder"]) == (3, 3, 0)
    assert sorted(found["examples"]) == ["key 1", "key 2", "key 3"]
    refused = cli("collections", "set", "avatars", "--kinds", OFF, stdin="n\n")
    assert refused.exit_code == 1
    assert "3 real" in refused.stderr
    with judged.reading() as session:
        assert collections.get(session, "avatars").kinds == {}
    done = cli("collections", "set", "avatars", "--kinds", OFF, stdin="y\n")
    assert done.exit_code == 0
    assert "nophoto rescore --collection avatars" in done.stderr
    with judged.reading() as session:
        assert len(collections.get(session, "avatars").kinds) == 14
        assert len(audit.entries(session, limit=9, action="collection")) == 2
        # What was judged stays until a rescoring.
        assert {row.verdict for row in find(session)} == {"placeholder"}
    unset = cli("collections", "set", "avatars", "--unset", "kinds", "--yes")
    assert unset.exit_code == 0
    assert cli("collections", "set", "avatars", "--unset", "kinds").stderr.startswith("nothing")


def test_what_turns_nothing_over_is_not_asked_about(cli, judged: Database) -> None:
    done = cli("collections", "set", "avatars", "--uploads-days", "30", "--review-band=-0.1,0.1")
    assert done.exit_code == 0
    listed = json.loads(cli("collections", "list", "--json").stdout)
    assert [row["name"] for row in listed] == ["avatars", "default"]
    assert listed[0]["uploads_days"] == 30
    assert listed[0]["review_low"] == -0.1


def test_the_commands_name_the_nearest_collection(cli, judged: Database) -> None:
    for arguments in (
        ("collections", "set", "avatar", "--uploads-days", "3"),
        ("enqueue", "--collection", "avatar", "/a.jpg"),
        ("references", "add", "--collection", "avatar", "/a.jpg"),
        ("users", "add", "ann", "--collection", "avatar", "--password-stdin"),
    ):
        result = cli(*arguments, stdin="correct horse\n")
        assert result.exit_code == 1, arguments
        assert "did you mean 'avatars'" in result.stderr, arguments


def test_a_moderator_of_one_collection(cli, judged: Database) -> None:
    added = cli(
        "users", "add", "ann", "--collection", "avatars", "--password-stdin", stdin="long enough\n"
    )
    assert added.exit_code == 0
    refused = cli("users", "change", "ann", "--role", Role.ENGINEER)
    assert refused.exit_code == 1
    assert "all collections" in refused.stderr
    assert json.loads(cli("users", "list", "--json").stdout)[0]["collection"] == "avatars"
    assert cli("users", "change", "ann", "--collection", "").exit_code == 0
    assert json.loads(cli("users", "list", "--json").stdout)[0]["collection"] is None


def test_files_may_name_collections(cli, judged: Database, tmp_path: Path) -> None:
    file = tmp_path / "uploads.csv"
    file.write_text("key,uri,collection\na,/a.jpg,avatars\nb,/b.jpg,\nc,/c.jpg,avtars\n")
    result = cli("enqueue", "--file", file, "--collection", "default", "--json")
    printed = json.loads(result.stdout)
    assert (printed["new"], printed["refused"][0]["key"]) == (2, "c")
    with judged.reading() as session:
        of = {row.key: row.collection for row in find(session)}
    assert (of["a"], of["b"]) == ("avatars", "default")
