import json

from nophoto.models.records.notifications import notices, outbox
from nophoto.models.records.tables import Channel
from nophoto.models.vision.references import shipped_references
from nophoto.models.vocabulary import FailureCode


def test_status_counts_everything(cli, installed, outcomes, broker_url, monkeypatch):
    monkeypatch.setenv("NOPHOTO_BROKER_URL", broker_url)
    outcomes(
        installed,
        ("a", "/a", 0.99),
        ("b", "/b", 0.01),
        ("c", "/c", FailureCode.MISSING),
        ("d", "/d", FailureCode.MISSING),
    )
    cli("enqueue", "s3://bucket/e", "--lane", "interactive")
    printed = json.loads(cli("status", "--json").stdout)
    assert printed["states"] == {"judged": 2, "failed": 2, "queued": 1}
    assert printed["verdicts"] == {"placeholder": 1, "real": 1}
    assert printed["failures"] == {"missing": 2}
    assert printed["backlog"]["interactive"]["waiting"] == 1
    assert printed["broker"]["messages"] == {"interactive": 1, "bulk": 0}
    assert printed["reference_set"] == {"version": 1, "size": len(shipped_references())}
    assert printed["warnings"] == []
    table = cli("status").stdout
    assert "missing" in table
    assert "the oldest for" in table


def test_broker_that_does_not_answer_is_part_of_the_status(cli, upgraded):
    result = cli("status")
    assert result.exit_code == 0
    assert "does not answer" in result.stdout
    assert "nophoto up" in result.stderr


def test_empty_reference_set_is_said_loudly(cli, upgraded):
    ids = [row["id"] for row in json.loads(cli("references", "list", "--json").stdout)]
    assert "REFERENCE SET IS EMPTY" in cli("references", "retire", *ids).stderr
    assert "REFERENCE SET IS EMPTY" in cli("status").stderr
    assert "REFERENCE SET IS EMPTY" in cli("references", "list").stderr
    assert any("EMPTY" in w for w in json.loads(cli("status", "--json").stdout)["warnings"])


def test_database_that_was_not_migrated(cli, home):
    result = cli("status")
    assert result.exit_code == 1
    assert "nophoto db upgrade" in result.stderr
    assert not home.exists()


def test_a_missed_night_and_dead_notices_are_said_by_status_and_doctor(
    cli, installed, outcomes, broker_url, monkeypatch
):
    monkeypatch.setenv("NOPHOTO_BROKER_URL", broker_url)
    with installed.transaction() as session:
        outbox.subscribe(session, [Channel.WEBHOOK])
    outcomes(installed, ("a", "/a", 0.99), ("b", "/b", 0.01))
    with installed.transaction() as session:
        session.connection().exec_driver_sql("UPDATE uploads SET created_at = '2020-01-01'")
        (first, _) = notices.claim(session, Channel.WEBHOOK, 2, 60)
        notices.settle(session, [], [notices.Refusal(first.id, "gone", again_in=None)])
    warnings = json.loads(cli("status", "--json").stdout)["warnings"]
    assert any("rescore that was due" in each and "was missed" in each for each in warnings)
    assert any("1 are dead" in each and "outbox resend" in each for each in warnings)
    table = cli("status").stdout
    assert "was missed" in table
    found = json.loads(cli("doctor", "--json").stdout)
    ill = {finding["part"]: finding["remedy"] for finding in found if not finding["well"]}
    assert "nophoto beat" in ill["schedule"]
    assert "nophoto outbox resend" in ill["outbox"]
    assert cli("outbox", "resend").exit_code == 0
    listed = json.loads(cli("outbox", "list", "--waiting", "--json").stdout)
    assert listed["channels"]["webhook"]["waiting"] == 2
    assert {row["event"]["data"]["key"] for row in listed["notices"]} == {"a", "b"}
    refused = cli("outbox", "close", "webhook")
    assert refused.exit_code == 1
    assert "2 outcomes were not told" in refused.stderr
    assert cli("outbox", "close", "webhook", "--yes").exit_code == 0
    assert json.loads(cli("outbox", "list", "--json").stdout) == {"channels": {}, "notices": []}
