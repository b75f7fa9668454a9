from prometheus_client import CollectorRegistry

from nophoto.jobs.operations.exporter import StateCollector
from nophoto.models.records import runs
from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle.uploads import NewUpload, add_uploads
from nophoto.models.records.notifications import notices, outbox
from nophoto.models.records.tables import Channel, Lane, RunKind
from nophoto.worker.broker.app import create_app
from nophoto.worker.settings import Settings


def registry(database: Database, broker_url: str) -> CollectorRegistry:
    found = CollectorRegistry()
    app = create_app(Settings(_env_file=None, broker_url=broker_url))
    found.register(StateCollector(database, app))
    return found


def test_backlog_and_runs_are_told(database: Database, broker_url: str) -> None:
    with database.transaction() as session:
        add_uploads(session, [NewUpload(f"{n}", f"/{n}") for n in range(7)], Lane.INTERACTIVE)
        run_id = runs.request(session, RunKind.RESCORE, {}, "me")
        claimed = runs.claim(session, run_id, 60)
        assert claimed is not None
        runs.report_progress(session, claimed.token, {"done": 25, "total": 100})
        outbox.subscribe(session, [Channel.WEBHOOK])
        outbox.add(session, [1, 2])
        refusal = notices.Refusal(1, "gone", again_in=None)
        notices.settle(session, [], [refusal])
    found = registry(database, broker_url)
    assert found.get_sample_value("nophoto_backlog", {"lane": "interactive"}) == 7
    assert found.get_sample_value("nophoto_backlog", {"lane": "bulk"}) == 0
    age = found.get_sample_value("nophoto_backlog_oldest_seconds", {"lane": "interactive"})
    assert age is not None
    assert 0 <= age < 60
    labels = {"run": str(run_id), "kind": "rescore"}
    assert found.get_sample_value("nophoto_run_progress", labels) == 0.25
    assert found.get_sample_value("nophoto_runs", {"kind": "rescore", "state": "running"}) == 1
    assert found.get_sample_value("nophoto_reference_set_size") == 0
    for state in ("waiting", "dead"):
        labels = {"channel": "webhook", "state": state}
        assert found.get_sample_value("nophoto_notices", labels) == 1
    assert found.get_sample_value("nophoto_channel_closed", {"channel": "webhook"}) == 0


def test_what_does_not_answer_shows_as_down(tmp_path: str) -> None:
    away = Database("postgresql://nobody@127.0.0.1:1/nothing")
    found = registry(away, "redis://127.0.0.1:1/0")
    assert found.get_sample_value("nophoto_database_up") == 0
    assert found.get_sample_value("nophoto_broker_up") == 0
    assert found.get_sample_value("nophoto_backlog", {"lane": "bulk"}) is None
