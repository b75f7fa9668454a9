import json

import pytest

from nophoto.jobs.uploads.enqueue import BATCH, enqueue
from nophoto.models.records.lifecycle.uploads import NewUpload
from nophoto.models.records.outcomes import results
from nophoto.models.records.tables import Lane
from nophoto.worker.broker.app import create_app
from nophoto.worker.broker.publisher import waiting
from nophoto.worker.settings import Settings


@pytest.fixture
def told(broker_url, monkeypatch):
    """Puts a real broker in force; gives how many messages wait in a lane."""
    monkeypatch.setenv("NOPHOTO_BROKER_URL", broker_url)
    app = create_app(Settings(_env_file=None, broker_url=broker_url))
    return lambda lane: waiting(app, lane)


def test_enqueue_is_idempotent_by_key(cli, installed, told, picture):
    folder = picture("a.png").parent
    picture("sub/b.png")
    (folder / "notes.txt").touch()
    first = cli("enqueue", folder)
    assert (first.exit_code, first.stdout) == (0, "2 new, 0 known, 0 refused\n")
    assert "1 files in the folders were passed over" in first.stderr
    assert "NOPHOTO_ROOTS is empty" in first.stderr
    assert told("bulk") == 1
    second = json.loads(cli("enqueue", folder, "--json").stdout)
    assert (second["new"], second["known"], second["passed_over"]) == (0, 2, 1)
    assert told("bulk") == 1
    with installed.reading() as session:
        keys = {row.key for row in results.find(session)}
    assert keys == {str(folder / "a.png"), str(folder / "sub/b.png")}


def test_lines_on_stdin_may_name_keys(cli, installed, told):
    lines = "one\ts3://bucket/1.jpg\n\n/elsewhere/2.jpg\r\none\ts3://bucket/other.jpg\n\tx\n"
    result = cli("enqueue", "-", "--lane", "interactive", "--json", stdin=lines)
    printed = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (printed["new"], printed["replaced"]) == (2, 1)
    assert [item["key"] for item in printed["refused"]] == [""]
    assert (told("interactive"), told("bulk")) == (1, 0)
    with installed.reading() as session:
        found = {row.key: row.uri for row in results.find(session)}
    assert found == {"one": "s3://bucket/other.jpg", "/elsewhere/2.jpg": "/elsewhere/2.jpg"}


def test_missing_file_is_refused_and_the_others_are_taken(cli, upgraded, told, picture):
    result = cli("enqueue", picture("a.png"), "/no/such/file.png")
    assert result.exit_code == 1
    assert result.stdout == "1 new, 0 known, 1 refused\n"
    assert "refused /no/such/file.png: there is no such file" in result.stderr


def test_without_a_broker_the_uploads_are_stored(cli, upgraded, picture):
    result = cli("enqueue", picture("a.png"))
    assert result.exit_code == 3
    assert "1 new" in result.stdout
    assert "does not answer" in result.stderr
    assert "sweep" in result.stderr
    assert json.loads(cli("status", "--json").stdout)["states"] == {"queued": 1}


def test_paths_outside_the_roots_are_warned_of(cli, upgraded, told, picture, monkeypatch):
    monkeypatch.setenv("NOPHOTO_ROOTS", "/srv/uploads")
    assert "1 of these lie outside NOPHOTO_ROOTS" in cli("enqueue", picture("a.png")).stderr
    monkeypatch.setenv("NOPHOTO_ROOTS", str(picture("a.png").parent))
    assert "ROOTS" not in cli("enqueue", picture("b.png")).stderr


def test_database_that_was_not_migrated(cli, picture):
    result = cli("enqueue", picture("a.png"))
    assert result.exit_code == 1
    assert "nophoto db upgrade" in result.stderr


def test_control_characters_do_not_reach_the_terminal(cli, upgraded, told):
    result = cli("enqueue", "/gone/\x1b[31m.png")
    assert "\x1b" not in result.output
    assert r"\x1b[31m.png" in result.stderr


def test_batches(upgraded, broker_url):
    settings = Settings(_env_file=None, broker_url=broker_url)
    app = create_app(settings)
    uploads = (NewUpload(f"{n}", f"/{n}.jpg") for n in range(BATCH + 1))
    seen: list[int] = []
    done = enqueue(upgraded, app, uploads, Lane.BULK, chunk_size=500, on_progress=seen.append)
    assert (done.new, seen) == (BATCH + 1, [BATCH, BATCH + 1])
    assert waiting(app, "bulk") == 3


def test_names_on_stdin_that_are_not_utf8_are_refused_alone(cli, upgraded, told):
    result = cli("enqueue", "-", "--json", stdin=b"caf\xe9\t/a.jpg\nb\t/b.jpg\n")
    printed = json.loads(result.stdout)
    assert printed["new"] == 1
    assert printed["refused"][0]["reason"] == "the key is not valid Unicode"
