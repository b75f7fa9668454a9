import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest

from nophoto.jobs.uploads.results import COLUMNS, TimeError, parse_since
from nophoto.models.vocabulary import FailureCode


@pytest.fixture
def some(installed, outcomes):
    outcomes(
        installed,
        ("shop/a", "/a.jpg", 0.99),
        ("shop/b", '/b,"x".jpg', -0.9),
        ("Shop/c", "/c.jpg", FailureCode.UNREADABLE),
    )


def test_json_lines(cli, some):
    rows = [json.loads(line) for line in cli("results", "--format", "jsonl").stdout.splitlines()]
    assert [row["key"] for row in rows] == ["Shop/c", "shop/b", "shop/a"]
    assert all(tuple(row) == COLUMNS for row in rows)
    assert rows[2]["verdict"] == "placeholder"
    assert rows[2]["nearest_reference"]
    assert datetime.fromisoformat(rows[2]["judged_at"]).tzinfo
    assert rows[0]["failure"] == "unreadable"


def test_csv_is_quoted_where_it_must_be(cli, some):
    rows = list(csv.DictReader(io.StringIO(cli("results", "--format", "csv").stdout)))
    assert [row["uri"] for row in rows] == ["/c.jpg", '/b,"x".jpg', "/a.jpg"]
    assert rows[0]["verdict"] == ""


@pytest.mark.parametrize(
    ("arguments", "keys"),
    [
        (["--state", "failed"], ["Shop/c"]),
        (["--verdict", "real"], ["shop/b"]),
        (["--no-review", "--state", "judged"], ["shop/b", "shop/a"]),
        (["--review"], []),
        (["--failure", "unreadable"], ["Shop/c"]),
        (["--failure", "missing"], []),
        (["--key-prefix", "shop/"], ["shop/b", "shop/a"]),
        (["--since", "1h"], ["Shop/c", "shop/b", "shop/a"]),
        (["--since", "2999-01-01"], []),
        (["--limit", "1"], ["Shop/c"]),
    ],
)
def test_filters(cli, some, arguments, keys):
    lines = cli("results", "--format", "jsonl", *arguments).stdout.splitlines()
    assert [json.loads(line)["key"] for line in lines] == keys


def test_table_says_that_there_is_more(cli, some):
    result = cli("results", "--limit", "2")
    assert "shop/a" not in result.stdout
    assert "--limit shows more" in result.stderr
    assert "for people" not in cli("results").stderr


@pytest.mark.parametrize(
    "arguments", [["--state", "lost"], ["--verdict", "fake"], ["--limit", "0"], ["--format", "xml"]]
)
def test_bad_filter_is_a_usage_error(cli, arguments):
    assert cli("results", *arguments).exit_code == 2


@pytest.mark.parametrize("command", [["results"], ["failures"], ["retry"], ["report"], ["rescore"]])
def test_a_collection_that_nobody_made_is_an_error(cli, installed, command):
    result = cli(*command, "--collection", "defualt")
    assert result.exit_code == 1
    assert "there is no collection 'defualt'; did you mean 'default'?" in " ".join(
        result.stderr.split()
    )


def test_since_lists_what_a_moderator_decided_since(cli, some):
    then = datetime.now(UTC).isoformat()
    assert cli("results", "--since", then, "--format", "jsonl").stdout == ""
    assert cli("reviews", "decide", "real", "shop/a").exit_code == 0
    (line,) = cli("results", "--since", then, "--format", "jsonl").stdout.splitlines()
    row = json.loads(line)
    assert (row["key"], row["verdict"], row["reviewed"]) == ("shop/a", "real", "real")
    assert row["judged_at"] < then < row["since"]


def test_bad_time_is_explained(cli, upgraded):
    result = cli("results", "--since", "yesterday")
    assert result.exit_code == 1
    assert "24h" in result.stderr


def test_parse_since():
    now = datetime(2026, 5, 1, 12, tzinfo=UTC)
    assert parse_since("90m", now) == now - timedelta(minutes=90)
    assert parse_since("7D", now) == now - timedelta(days=7)
    assert parse_since("2026-01-31") == datetime(2026, 1, 31, tzinfo=UTC)
    assert parse_since("2026-01-31T08:00+02:00") == datetime(2026, 1, 31, 6, tzinfo=UTC)
    for text in ("", "7y", "99999999999d", "31.1.2026"):
        with pytest.raises(TimeError):
            parse_since(text)


def test_results_are_written_to_files_whole(cli, installed, outcomes, tmp_path):
    import pyarrow.parquet

    outcomes(
        installed,
        ("one", "/1.jpg", 0.99),
        ("two", "/2.jpg", 0.1),
        ("three", "/3.jpg", FailureCode.MISSING),
    )
    for kind in ("csv", "jsonl", "parquet"):
        done = cli("results", "--format", kind, "--out", tmp_path / f"all.{kind}")
        assert done.exit_code == 0
        assert done.stdout == ""
    table = pyarrow.parquet.read_table(tmp_path / "all.parquet")
    assert str(table.schema.field("judged_at").type) == "timestamp[us, tz=UTC]"
    lines = (tmp_path / "all.jsonl").read_text().splitlines()
    for row, line in zip(table.to_pylist(), lines, strict=True):
        for name in ("judged_at", "since"):
            row[name] = row[name].isoformat()
        assert row == json.loads(line)
    assert (tmp_path / "all.csv").read_text() == cli("results", "--format", "csv").stdout
    assert not list(tmp_path.glob(".all*"))
    for arguments in (["--format", "parquet"], ["--out", tmp_path / "x"]):
        assert cli("results", *arguments).exit_code == 2
    nowhere = cli("results", "--format", "parquet", "--out", tmp_path / "no" / "x.parquet")
    assert nowhere.exit_code == 1
    assert "cannot be written" in nowhere.stderr
