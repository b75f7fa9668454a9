import json

from redis import Redis

from nophoto.models.records.lifecycle.uploads import NewUpload, add_uploads
from nophoto.models.records.scoring import claims
from nophoto.models.records.tables import Lane, Upload, UploadState
from nophoto.models.vocabulary import FailureCode


def test_failures_are_listed_and_kept_until_they_are_retried(
    cli, installed, outcomes, broker_url, monkeypatch
):
    monkeypatch.setenv("NOPHOTO_BROKER_URL", broker_url)
    outcomes(
        installed,
        ("a", "/a", 0.99),
        ("b", "/b", FailureCode.MISSING),
        ("c", "/c", FailureCode.MISSING),
        ("d", "/d", FailureCode.TIMEOUT),
    )
    listed = json.loads(cli("failures", "--code", "missing", "--json").stdout)
    assert listed["failures"] == {"missing": 2, "timeout": 1}
    assert [row["key"] for row in listed["uploads"]] == ["c", "b"]
    assert "look at the <file>" in cli("failures").stdout
    assert json.loads(cli("retry", "--code", "missing", "--json").stdout) == {"queued": 2}
    with installed.reading() as session:
        states = {u.key: (u.state, u.attempts) for u in session.query(Upload)}
    assert states == {
        "a": (UploadState.JUDGED, 1),
        "b": (UploadState.QUEUED, 0),
        "c": (UploadState.QUEUED, 0),
        "d": (UploadState.FAILED, 1),
    }
    assert Redis.from_url(broker_url.replace("redis+socket", "unix")).llen("bulk") == 1
    assert "1 uploads" in cli("retry").stderr
    assert json.loads(cli("failures", "--json").stdout)["uploads"] == []


def test_those_that_ended_their_worker_are_retried_one_by_one(
    cli, installed, outcomes, broker_url, monkeypatch
):
    monkeypatch.setenv("NOPHOTO_BROKER_URL", broker_url)
    outcomes(installed, *((key, f"/{key}", FailureCode.CRASHED) for key in "abc"))
    assert json.loads(cli("retry", "--json").stdout) == {"queued": 3}
    assert Redis.from_url(broker_url.replace("redis+socket", "unix")).llen("bulk") == 3


def test_without_a_broker_they_are_queued_all_the_same(cli, installed, outcomes):
    outcomes(installed, ("a", "/a", FailureCode.MISSING))
    result = cli("retry")
    assert result.exit_code == 1
    assert "1 uploads are queued again and will be judged" in result.stderr
    with installed.transaction() as session:
        (upload,) = session.query(Upload)
        assert (upload.state, upload.published_at) == (UploadState.QUEUED, None)
        assert claims.claim(session, [upload.id], 60).uploads


def test_nothing_but_failures_is_touched(cli, installed, broker_url, monkeypatch):
    monkeypatch.setenv("NOPHOTO_BROKER_URL", broker_url)
    with installed.transaction() as session:
        add_uploads(session, [NewUpload("a", "/a")], Lane.BULK)
    assert json.loads(cli("retry", "--json").stdout) == {"queued": 0}
