import json
from hashlib import sha256

from nophoto.models.records.matching import allow_list


def test_pictures_are_allowed_listed_and_removed(cli, installed, picture):
    file = picture("logo.png")
    first = cli("allow", "add", file, "--reason", "our logo", "--look-alikes", "--json")
    assert json.loads(first.stdout) == {"added": [1], "known": 0, "refused": {}}
    assert cli("allow", "add", file, "--reason", "again").stdout == (
        "0 added, 1 known, 0 refused\n"
    )
    (row,) = json.loads(cli("allow", "list", "--json").stdout)
    assert row["digest"] == sha256(file.read_bytes()).hexdigest()
    assert (row["name"], row["reason"], row["look_alikes"]) == ("logo.png", "our logo", True)
    assert "our logo" in cli("allow", "list").stdout
    assert cli("allow", "remove", 1).exit_code == 0
    assert json.loads(cli("allow", "list", "--json").stdout) == []
    missing = cli("allow", "remove", 1)
    assert missing.exit_code == 1
    assert "no picture on the allow-list has the id 1" in missing.stderr
    # What was taken off can be put on again, and is another change for workers to follow.
    again = json.loads(cli("allow", "add", file, "--reason", "new", "--json").stdout)
    assert len(again["added"]) == 1
    with installed.reading() as session:
        assert allow_list.current_version(session) == 3


def test_an_uploads_own_picture_and_a_digest_are_allowed(cli, upgraded, outcomes):
    outcomes(upgraded, ("photo/1", "/1.jpg", 0.99))
    done = cli("allow", "add", "--key", "photo/1", "--digest", "CD" * 32, "--reason", "x")
    assert done.stdout == "2 added, 0 known, 0 refused\n"
    digests = {row["digest"] for row in json.loads(cli("allow", "list", "--json").stdout)}
    assert digests == {"ab" * 32, "cd" * 32}


def test_what_cannot_be_allowed_says_why(cli, upgraded, tmp_path):
    text = tmp_path / "notes.txt"
    text.write_text("no picture")
    refused = cli("allow", "add", text, "--reason", "x")
    assert refused.exit_code == 1
    assert "refused" in refused.stderr
    for arguments, message in (
        (["--digest", "abc"], "no SHA-256"),
        (["--key", "nobody"], "is not known"),
    ):
        result = cli("allow", "add", *arguments, "--reason", "x")
        assert result.exit_code == 1
        assert message in result.stderr
    assert cli("allow", "add", "--reason", "x").exit_code == 2
    assert cli("allow", "add", "--reason", "x", "--look-alikes", "--key", "y").exit_code == 2
