"""What a worker's log says of an outage: its begin, its end, and little in between."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import sleep

import pytest
from sqlalchemy import func, select

from benchmarks.environment import environment_of
from nophoto.migrations import upgrade
from nophoto.models.records import references
from nophoto.models.records.database import Database
from nophoto.models.records.references import NewReference
from nophoto.models.records.tables import Upload, UploadState
from nophoto.models.vision.references import shipped_references
from nophoto.worker.broker.app import create_app
from nophoto.worker.settings import Settings
from nophoto.worker.versions.shipped import install_shipped
from tests.faults.servers import Postgres, Valkey, temporary_folder

OUTAGE_SECONDS = 20
"""Of the database: longer than Celery's own three tries of a task, which lost uploads."""

PROCESSES = 3
"""Of the worker: its parent and two children; each has an eye of its own on the services."""

LINES = 4 * PROCESSES
"""Of warnings, at most: begin and end of two outages."""


@pytest.fixture
def servers() -> Iterator[tuple[Path, Postgres, Valkey]]:
    with temporary_folder() as folder:
        (folder / "valkey").mkdir()
        postgres, valkey = Postgres(folder), Valkey(folder / "valkey")
        yield folder, postgres, valkey
        valkey.stop()
        postgres.stop()


def install(url: str) -> Database:
    upgrade(url)
    database = Database(url)
    with database.transaction() as session:
        some = shipped_references()[::30][:10]
        references.add(session, [NewReference(r.name, r.data) for r in some])
    install_shipped(database)
    return database


def count_open(database: Database, expected: int) -> int:
    over = Upload.state.in_((UploadState.JUDGED, UploadState.FAILED))
    with database.reading() as session:
        return expected - (session.scalar(select(func.count()).where(over)) or 0)


def test_an_outage_of_database_and_broker_is_a_few_lines_of_the_log(
    servers: tuple[Path, Postgres, Valkey],
    make_pictures: Callable[[int], dict[str, str]],
    pictures: Path,
    until: Callable[..., None],
) -> None:
    folder, postgres, valkey = servers
    database = install(postgres.url)
    settings = Settings(
        _env_file=None,
        home=folder / "home",
        database_url=postgres.url,
        broker_url=f"redis://127.0.0.1:{valkey.port}/0",
        roots=(str(pictures),),
        lease_seconds=3,
        sweep_seconds=1,
        picture_timeout=20,
        processes=2,
        threads=1,
    )
    log = folder / "worker.log"
    program = "from nophoto.jobs.cli import main; main()"
    with log.open("wb") as output:
        worker = subprocess.Popen(
            [sys.executable, "-c", program, "worker"],
            env={**os.environ, **environment_of(settings)},
            stdout=output,
            stderr=output,
        )
    try:
        until(lambda: "ready" in log.read_text(), 120, log.read_text)
        app = create_app(settings)
        uploads = [{"key": key, "uri": uri} for key, uri in make_pictures(60).items()]
        before = len(log.read_text().splitlines())
        postgres.kill()
        for upload in uploads:  # each a message of its own, as a busy backend sends them
            app.send_task("nophoto.score", [[upload]], queue="interactive")
        for number in range(60):
            app.send_task("nophoto.score_chunk", [[number + 1]], queue="bulk")
        sleep(OUTAGE_SECONDS)
        postgres.start()
        until(lambda: count_open(database, len(uploads)) == 0, 120, log.read_text)
        until(lambda: "the database answers again" in log.read_text(), explain=log.read_text)
        valkey.kill()
        sleep(8)
        valkey.start()
        until(lambda: "the broker answers again" in log.read_text(), 120, log.read_text)
    finally:
        worker.kill()
        worker.wait()
    lines = log.read_text().splitlines()[before:]
    troubles = [line for line in lines if " INFO " not in line]
    assert len(troubles) <= LINES, "\n".join(troubles)
    told = [line for line in lines if "Until the database answers" in line]
    over = [line for line in lines if "the database answers again after" in line]
    assert 1 <= len(told) <= PROCESSES
    assert 1 <= len(over) <= PROCESSES
    seconds = [int(re.search(r"after (\d+) seconds", line)[1]) for line in over]  # type: ignore[index]
    assert OUTAGE_SECONDS / 2 <= max(seconds) <= 3 * OUTAGE_SECONDS
    counted = sum(int(re.search(r"(\d+) failures", line)[1]) for line in over)  # type: ignore[index]
    assert counted >= 100
