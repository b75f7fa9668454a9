import json

from sqlalchemy import text

from nophoto.models.records.database import Database
from nophoto.models.vision.references import shipped_references
from nophoto.models.vision.versions import shipped_version


def test_upgrade_says_what_it_did_and_does_nothing_twice(cli, empty_url, monkeypatch):
    monkeypatch.setenv("NOPHOTO_DATABASE_URL", empty_url)
    first = json.loads(cli("db", "upgrade", "--json").stdout)
    assert not first["was_migrated"]
    assert first["activated"]
    assert first["added"] == first["set_size"] == len(shipped_references())
    assert first["model_version"] == shipped_version().id
    second = json.loads(cli("db", "upgrade", "--json").stdout)
    assert second["was_migrated"]
    assert not second["activated"]
    assert (second["added"], second["set_version"]) == (0, 1)
    assert "already" in cli("db", "upgrade").stdout


def test_what_people_retired_stays_retired(cli, upgraded):
    ids = [row["id"] for row in json.loads(cli("references", "list", "--json").stdout)]
    cli("references", "retire", *ids)
    result = cli("db", "upgrade")
    assert "REFERENCE SET IS EMPTY" in result.stderr
    assert "with 0 references" in result.stdout


def test_database_of_a_newer_nophoto(cli, upgraded: Database):
    with upgraded.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    result = cli("db", "upgrade")
    assert result.exit_code == 1
    assert "newer nophoto" in result.stderr
    assert "Traceback" not in result.output


def test_unreachable_database(cli, monkeypatch):
    monkeypatch.setenv("NOPHOTO_DATABASE_URL", "postgresql://me:s3cret@127.0.0.1:1/none")
    result = cli("db", "upgrade")
    assert result.exit_code == 1
    assert "does not answer" in result.stderr
    assert "s3cret" not in result.output


def test_place_that_is_none(cli, tmp_path, monkeypatch):
    file = tmp_path / "text"
    file.write_text("a file that is no database, and long enough to be looked at " * 9)
    monkeypatch.setenv("NOPHOTO_DATABASE_URL", f"sqlite:///{file}")
    for command in (["db", "upgrade"], ["status"]):
        result = cli(*command)
        assert result.exit_code == 1
        assert "not a database" in result.stderr
    monkeypatch.setenv("NOPHOTO_DATABASE_URL", f"sqlite:///{file}/inside/nophoto.db")
    result = cli("db", "upgrade")
    assert result.exit_code == 1
    assert "cannot be made" in result.stderr
