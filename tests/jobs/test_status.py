import json

from models.vision.references import shipped_references
from models.vocabulary import FailureCode


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
