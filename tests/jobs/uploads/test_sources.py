import json
import sqlite3

import pyarrow
import pyarrow.parquet
import pytest

from nophoto.models.records.lifecycle.uploads import NewUpload
from nophoto.models.records.outcomes import results
from nophoto.models.records.tables import Lane

ROWS = [("photo/1", "/1.jpg"), ("photo/ü", "s3://bucket/2.jpg"), ("/3.jpg", "/3.jpg")]


@pytest.fixture(autouse=True)
def told(broker_url, monkeypatch):
    monkeypatch.setenv("NOPHOTO_BROKER_URL", broker_url)


def stored(database):
    with database.reading() as session:
        return {(row.key, row.uri) for row in results.find(session)}


def write(kind, folder):
    file = folder / f"uploads.{kind}"
    if kind == "csv":
        lines = [f'"{key if key != uri else ""}",{uri},x' for key, uri in ROWS]
        file.write_text("\n".join(["key,uri,other", *lines]), encoding="utf-8-sig")
    elif kind == "jsonl":
        rows = [{"key": k, "uri": u} if k != u else {"uri": u} for k, u in ROWS]
        file.write_text("\n".join(map(json.dumps, rows)) + "\n\n")
    else:
        keys = [key if key != uri else None for key, uri in ROWS]
        table = pyarrow.table({"uri": [uri for _, uri in ROWS], "key": keys, "n": [1, 2, 3]})
        pyarrow.parquet.write_table(table, file)
    return file


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_uploads_come_from_a_file(cli, upgraded, tmp_path, kind):
    file = write(kind, tmp_path)
    assert cli("enqueue", "--file", file).stdout == "3 new, 0 known, 0 refused\n"
    assert cli("enqueue", "--file", file).stdout == "0 new, 3 known, 0 refused\n"
    assert stored(upgraded) == set(ROWS)


def test_uploads_come_from_a_table_of_the_platforms_own(cli, installed, tmp_path, monkeypatch):
    shop = tmp_path / "shop.db"
    with sqlite3.connect(shop) as connection:
        connection.execute("CREATE TABLE photos (id INTEGER, path TEXT)")
        rows = [(number, f"/{number}.jpg") for number in range(2_500)]
        connection.executemany("INSERT INTO photos VALUES (?, ?)", rows)
    monkeypatch.setenv("NOPHOTO_SOURCE_URL", f"sqlite:///{shop}")
    query = "SELECT 'photo/' || id AS key, path AS uri FROM photos WHERE path LIKE '%.jpg'"
    assert cli("enqueue", "--sql", query).stdout == "2,500 new, 0 known, 0 refused\n"
    assert ("photo/17", "/17.jpg") in stored(installed)
    written = cli("enqueue", "--sql", "DELETE FROM photos RETURNING id AS key, path AS uri")
    assert written.exit_code == 1
    assert "cannot be run" in written.stderr
    with sqlite3.connect(shop) as connection:
        assert connection.execute("SELECT count(*) FROM photos").fetchone() == (2_500,)


def test_without_another_database_our_own_is_asked(cli, installed, outcomes):
    outcomes(installed, ("old", "/old.jpg", -0.5))
    query = "SELECT 'again/' || key AS key, uri FROM uploads WHERE verdict = 'real'"
    assert cli("enqueue", "--sql", query).stdout == "1 new, 0 known, 0 refused\n"
    assert ("again/old", "/old.jpg") in stored(installed)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.csv", "path\n/1.jpg\n", "has no `uri`"),
        ("a.jsonl", '{"uri": "/1.jpg"}\n[]\n', "line 2 of"),
        ("a.jsonl", "{uri}\n", "line 1 of"),
        ("a.parquet", "no parquet", "is no Parquet file"),
        ("a.xlsx", "", "is none of .csv"),
    ],
)
def test_a_file_that_is_wrong_is_named(cli, upgraded, tmp_path, name, text, message):
    (tmp_path / name).write_text(text)
    result = cli("enqueue", "--file", tmp_path / name)
    assert result.exit_code == 1
    assert message in result.stderr


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT nothing FROM nowhere", "cannot be run"),
        ("SELECT key FROM uploads", "has no `uri`"),
    ],
)
def test_a_query_that_is_wrong_says_why(cli, installed, outcomes, query, message):
    outcomes(installed, ("old", "/old.jpg", 0.1))
    result = cli("enqueue", "--sql", query)
    assert result.exit_code == 1
    assert message in result.stderr


def test_nothing_named_is_a_usage_error(cli):
    assert cli("enqueue").exit_code == 2
    assert cli("enqueue", "--file", "/no/such.csv").exit_code == 1


def test_past_the_bound_the_rest_is_not_taken_and_the_caller_told(
    cli, installed, broker_url, monkeypatch
):
    monkeypatch.setenv("NOPHOTO_MAX_BACKLOG", "1500")
    lines = "".join(f"{number}\t/{number}.jpg\n" for number in range(4_000))
    first = cli("enqueue", "-", "--json", stdin=lines)
    assert first.exit_code == 4
    printed = json.loads(first.stdout)
    assert printed["new"] == 2_000
    assert "NOPHOTO_MAX_BACKLOG" in printed["backlog_error"]
    assert "1,500 uploads or more wait in the lane bulk" in first.stderr
    # The other lane has a backlog of its own.
    assert cli("enqueue", "-", "--lane", "interactive", stdin="x\t/x.jpg\n").exit_code == 0
    assert cli("enqueue", "-", stdin="y\t/y.jpg\n").exit_code == 4
    monkeypatch.setenv("NOPHOTO_MAX_BACKLOG", "0")
    assert cli("enqueue", "-", stdin=lines).stdout == "2,000 new, 2,000 known, 0 refused\n"


def test_python_enqueues_with_one_call(upgraded, home):
    from nophoto.jobs.client import enqueue

    done = enqueue([NewUpload("photo/1", "/1.jpg")], Lane.INTERACTIVE)
    assert (done.new, done.broker_error) == (1, None)
    assert stored(upgraded) == {("photo/1", "/1.jpg")}
