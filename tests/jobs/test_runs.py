import json

import pytest

from models.records import runs
from models.records.tables import RunKind, RunState


@pytest.fixture
def asked(installed):
    with installed.transaction() as session:
        return runs.request(session, RunKind.RESCORE, {"key_prefix": "a/"}, "me")


def state(database, run_id):
    with database.reading() as session:
        return runs.get(session, run_id).state


def test_runs_are_listed_and_shown(cli, installed, asked):
    with installed.transaction() as session:
        claimed = runs.claim(session, asked, 60)
        runs.report_progress(session, claimed.token, {"done": 250, "total": 1000})
    (listed,) = json.loads(cli("runs", "list", "--json").stdout)
    shown = json.loads(cli("runs", "show", asked, "--json").stdout)
    assert listed == shown
    assert (shown["kind"], shown["state"], shown["requested_by"]) == ("rescore", "running", "me")
    assert shown["parameters"] == {"key_prefix": "a/"}
    assert "250 of 1,000 (25%)" in cli("runs", "list").stdout
    assert "key_prefix" in cli("runs", "show", asked).stdout
    assert json.loads(cli("runs", "list", "--kind", "retrain", "--json").stdout) == []


def test_a_run_is_paused_resumed_and_cancelled(cli, installed, asked, broker_url, monkeypatch):
    monkeypatch.setenv("NOPHOTO_BROKER_URL", broker_url)
    assert "is paused" in cli("runs", "pause", asked).stderr
    assert state(installed, asked) is RunState.PAUSED
    assert cli("runs", "resume", asked).exit_code == 0
    assert state(installed, asked) is RunState.QUEUED
    assert cli("runs", "cancel", asked).exit_code == 0
    assert state(installed, asked) is RunState.CANCELLED
    late = cli("runs", "pause", asked)
    assert late.exit_code == 1
    assert f"run {asked} is cancelled" in late.stderr


def test_an_unknown_run_is_named_with_the_remedy(cli, installed):
    result = cli("runs", "show", 7)
    assert result.exit_code == 1
    assert "no run 7" in result.stderr
    assert "nophoto runs list" in result.stderr


def test_what_a_run_asks_and_why_one_failed_is_said(cli, installed, asked):
    with installed.transaction() as session:
        claimed = runs.claim(session, asked, 60)
        runs.hold(session, claimed.token, {"question": "flip 40 % of the verdicts?"})
    assert "flip 40 % of the verdicts?" in cli("runs", "list").stdout
    with installed.transaction() as session:
        runs.resume(session, asked)
        claimed = runs.claim(session, asked, 60)
        runs.fail(session, claimed.token, "the model version is retired")
    assert "the model version is retired" in cli("runs", "list").stdout


def test_pruning_counts_before_it_deletes(cli, installed):
    assert json.loads(cli("db", "prune", "--dry-run", "--json").stdout) == {
        "scores": 0,
        "embeddings": 0,
        "changes": 0,
    }
    assert "deleted 0 scores" in cli("db", "prune").stdout
