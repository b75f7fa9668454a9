import csv
import json
from pathlib import Path
from threading import Event, Thread

import numpy as np
import pytest

from nophoto.models.records import references, runs
from nophoto.models.records.lifecycle.uploads import NewUpload, add_uploads
from nophoto.models.records.scoring import embeddings
from nophoto.models.records.scoring.outcomes import Judged
from nophoto.models.records.tables import Lane, RunState
from nophoto.models.vision.versions import read_cohort
from nophoto.models.vocabulary import Verdict
from nophoto.worker.broker.app import create_app
from nophoto.worker.matching.active_judge import ActiveJudge
from nophoto.worker.settings import Settings
from tests.parts import DECODERS, rescoring_of


@pytest.fixture
def judged_otherwise(upgraded, picture):
    """Ten photos and two uploads like a reference, which were called real."""
    settings = Settings(_env_file=None)
    judge = ActiveJudge(upgraded, settings, DECODERS).current()
    # Real pictures that lie far from what every reference claims.
    cohort = read_cohort(judge.network.version)
    vectors = cohort[np.argsort(judge.matcher.judge_all(cohort).score)[:12]].astype(np.float64)
    vectors[:2] = judge.references.vectors[:2]
    reference = judge.references.members[5].id
    from nophoto.models.records.scoring import claims
    from nophoto.models.records.scoring.outcomes import record_outcomes

    with upgraded.transaction() as session:
        items = [NewUpload(f"k{n}", str(picture(f"{n}.png"))) for n in range(12)]
        ids = [add_uploads(session, [item], Lane.BULK).ids[0] for item in items]
        token = claims.claim(session, ids, 60).token
        digests = [f"{n:064x}" for n in range(12)]
        model = judge.network.version.id
        embeddings.remember(session, model, dict(zip(digests, vectors, strict=True)))
        verdicts = [
            Judged(i, d, Verdict.REAL, False, 0.1, reference)
            for i, d in zip(ids, digests, strict=True)
        ]
        record_outcomes(session, token, verdicts, [], model, judge.references.version)
    return upgraded


@pytest.fixture
def worker(judged_otherwise, broker_url, monkeypatch):
    """A worker's part of rescorings, as long as the test runs."""
    monkeypatch.setenv("NOPHOTO_BROKER_URL", broker_url)
    settings = Settings(_env_file=None, broker_url=broker_url)
    rescoring = rescoring_of(judged_otherwise, settings, create_app(settings))
    ended = Event()

    def work() -> None:
        while not ended.wait(0.05):
            with judged_otherwise.reading() as session:
                found = runs.list_runs(session, limit=1)
            if found and found[0].state in (RunState.QUEUED, RunState.RUNNING):
                rescoring.step(found[0].id)

    thread = Thread(target=work)
    thread.start()
    yield rescoring
    ended.set()
    thread.join()


def test_a_dry_run_then_the_question_then_the_answer(cli, worker, monkeypatch, picture):
    monkeypatch.setenv("NOPHOTO_ROOTS", str(picture("0.png").parent))
    dry = cli("rescore", "--dry-run", "--html", "dry.html", "--csv", "dry.csv")
    assert dry.exit_code == 0
    assert "12 uploads by" in dry.stderr
    assert "12 from stored embeddings" in dry.stderr
    assert "without --dry-run this run would stop" in dry.stderr
    page = Path("dry.html").read_text()
    assert page.count("<article") == 2
    assert "not written" in page
    assert "data:image/webp" in page
    rows = list(csv.DictReader(Path("dry.csv").read_text().splitlines()))
    assert len(rows) == 12
    assert {row["verdict"] for row in rows if row["was_written"] == "True"} == set()

    asked = cli("rescore")
    assert asked.exit_code == 3
    assert "2 of 12 verdicts (16.7%)" in asked.stderr
    (run,) = json.loads(cli("runs", "list", "--state", "paused", "--json").stdout)
    assert "k0" in cli("runs", "changes", run["id"]).stdout
    refused = cli("rescore")
    assert refused.exit_code == 1
    assert f"run {run['id']} " in refused.stderr
    remedy = f"nophoto runs resume {run['id']}"
    assert remedy in refused.stderr
    (told,) = (
        warning
        for warning in json.loads(cli("status", "--json").stdout)["warnings"]
        if "would be turned over" in warning
    )
    assert told.startswith(f"run {run['id']} (rescore) asks: 2 of 12 verdicts")
    assert remedy in told
    found = json.loads(cli("doctor", "--json").stdout)
    assert [remedy in one["remedy"] for one in found if one["part"] == "runs"] == [True]
    assert cli("runs", "cancel", run["id"]).exit_code == 0
    found = json.loads(cli("doctor", "--json").stdout)
    assert not any(one["part"] == "runs" for one in found)

    done = cli("rescore", "--yes", "--json")
    assert done.exit_code == 0
    result = json.loads(done.stdout)["result"]
    assert (result["to_placeholder"], result["written"]) == (2, 12)
    listed = cli("results", "--verdict", "placeholder", "--format", "csv").stdout
    assert [row["key"] for row in csv.DictReader(listed.splitlines())] == ["k1", "k0"]
    told = cli("history", "k0").stdout
    assert "real" in told
    assert "placeholder" in told
    entries = json.loads(cli("history", "k0", "--json").stdout)["entries"]
    assert [entry["verdict"] for entry in entries] == ["real", "placeholder"]
    assert entries[1]["run_id"] == json.loads(done.stdout)["id"]


def test_filters_and_what_is_not_understood(cli, worker):
    done = json.loads(cli("rescore", "--key-prefix", "k1", "--yes", "--json").stdout)
    assert done["result"]["compared"] == 3
    assert done["parameters"]["filters"] == {"key_prefix": "k1"}
    assert cli("rescore", "--since", "yesterday").exit_code == 1
    assert cli("rescore", "--verdict", "maybe").exit_code == 2
    none = json.loads(cli("rescore", "--model-version", "none", "--json").stdout)
    assert none["result"]["compared"] == 0


def test_without_a_broker_the_run_waits_for_the_sweep(cli, judged_otherwise):
    result = cli("rescore")
    assert result.exit_code == 1
    assert "will be worked on, but no worker was told yet" in result.stderr
    (run,) = json.loads(cli("runs", "list", "--json").stdout)
    assert run["state"] == "queued"


def test_history_names_moderators_and_failures_of_looking(cli, upgraded, outcomes):
    from nophoto.models.records.review import reviews
    from nophoto.models.records.tables import Upload

    outcomes(upgraded, ("a", "/a", 0.99))
    with upgraded.transaction() as session:
        (upload,) = session.query(Upload)
        reviews.decide(session, [upload.id], Verdict.REAL, "mo", note="a logo")
    found = json.loads(cli("history", "a", "--json").stdout)
    assert [(entry["by"], entry["verdict"]) for entry in found["entries"]] == [
        (found["entries"][0]["model_version_id"], "placeholder"),
        ("mo", "real"),
    ]
    assert found["verdict"] == "real"
    assert "a logo" in cli("history", "a").stdout
    unknown = cli("history", "nothing")
    assert unknown.exit_code == 1
    assert "nothing" in unknown.stderr


def test_references_that_moved_meanwhile_are_said(cli, worker, judged_otherwise, monkeypatch):
    step = worker.step

    def move(run_id: int) -> int:
        more = step(run_id)
        with judged_otherwise.transaction() as session:
            members = references.active(session).members
            if len(members) > 1:
                references.retire(session, [members[-1].id])
        return more

    monkeypatch.setattr(worker, "step", move)
    assert "has changed since the run began" in cli("rescore", "--yes").stderr
