import json

import pytest

from nophoto.jobs.rescoring.runs import progress_in_words
from nophoto.models.records import runs
from nophoto.models.records.tables import RunKind, RunState


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


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (
            {"phase": "compare", "done": 250, "total": 1_000, "per_second": 12.5},
            "compare: 250 of 1,000 (25%), 12 a second, about 60 s left",
        ),
        (
            {"phase": "write", "done": 0, "total": 90_000, "per_second": None},
            "write: 0 of 90,000 (0%)",
        ),
        (
            {"phase": "compare", "done": 10, "total": 1_000, "per_second": 0.4},
            "compare: 10 of 1,000 (1%), 0.4 a second, about 41 min left",
        ),
        (
            {"phase": "write", "done": 9, "total": 9, "per_second": 4_321.0},
            "write: 9 of 9 (100%), 4,321 a second",
        ),
        ({"stage": "real", "done": 3, "total": 4, "loss": 0.5}, "real: 3 of 4 (75%), loss 0.5000"),
    ],
)
def test_a_run_under_way_tells_its_part_its_rate_and_the_time_left(
    cli, installed, asked, progress, words
):
    with installed.transaction() as session:
        claimed = runs.claim(session, asked, 60)
        runs.report_progress(session, claimed.token, progress)
    assert told(installed, asked) == words
    shown = cli("runs", "show", asked).stdout
    assert words.partition(",")[0] in shown
    with installed.transaction() as session:
        runs.pause(session, asked)
    # Nothing goes on, so nothing is left in so and so long.
    assert "second" not in told(installed, asked)


def told(database, run_id):
    with database.reading() as session:
        return progress_in_words(runs.get(session, run_id))


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
