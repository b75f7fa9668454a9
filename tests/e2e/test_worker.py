"""A worker in processes of its own, from messages to verdicts."""

import json
import random
import signal
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from time import monotonic
from typing import Any

import psutil
import psycopg
import pytest
from celery import Celery
from PIL import Image
from pydantic import SecretStr
from redis import Redis
from skimage import data
from sqlalchemy import select

from nophoto.models.errors import NophotoError
from nophoto.models.records import references
from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle.uploads import NewUpload, add_uploads
from nophoto.models.records.outcomes.results import ResultRow
from nophoto.models.records.references import NewReference
from nophoto.models.records.tables import Lane, Upload, UploadState
from nophoto.models.vision.drawing import draw
from nophoto.models.vision.references import shipped_references
from nophoto.models.vocabulary import FailureCode, Verdict
from nophoto.worker.broker.app import create_app
from nophoto.worker.broker.embedded import embedded_valkey
from nophoto.worker.dispatch.ingest import ingest_uploads
from nophoto.worker.process.scoring_worker import run_worker
from nophoto.worker.settings import Settings

Rows = Callable[[], dict[str, ResultRow]]
Until = Callable[..., None]
Start = Callable[..., Any]

on_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def are_done(rows: Rows, count: int) -> Callable[[], bool]:
    def done() -> bool:
        states = [row.state for row in rows().values()]
        return len(states) == count and set(states) <= {UploadState.JUDGED, UploadState.FAILED}

    return done


def damaged_messages(sound: bytes, count: int) -> Iterator[bytes]:
    """Copies of a message in which bytes, or the values of fields, were exchanged."""
    rng = random.Random(5)
    values = (None, [], {}, "x", "", 7, -1.5, True, 10**30, [[1]], {"a": {}}, "9999-12-31")
    for number in range(count):
        if number % 4 == 0:
            data = bytearray(sound)
            for _ in range(rng.randint(1, 4)):
                data[rng.randrange(len(data))] = rng.randrange(256)
            yield bytes(data)
            continue
        message = json.loads(sound)
        body = json.loads(b64decode(message["body"]))
        part = rng.choice([message, message["headers"], message["properties"], body, body[2]])
        if isinstance(part, list):
            part[rng.randrange(len(part))] = rng.choice(values)
        else:
            part[rng.choice(list(part))] = rng.choice(values)
        if isinstance(message.get("body"), str):
            message["body"] = b64encode(json.dumps(body).encode()).decode()
        yield json.dumps(message).encode()


@on_postgresql
def test_a_backend_sends_by_name_and_imports_nothing_of_ours(
    installed: Database,
    start_worker: Start,
    rows: Rows,
    until: Until,
    broker_url: str,
    pictures: Path,
) -> None:
    (pictures / "reference.webp").write_bytes(shipped_references()[0].data)
    Image.fromarray(data.astronaut()).save(pictures / "astronaut.jpg")
    worker = start_worker()
    backend = Celery(broker=broker_url, set_as_current=False)
    backend.send_task(
        "nophoto.score",
        [
            [
                {"key": "tile", "uri": str(pictures / "reference.webp"), "extra": [1]},
                {"key": "person", "uri": (pictures / "astronaut.jpg").as_uri()},
                {"key": "nothing"},
                {"key": "outside", "uri": "/etc/hostname"},
            ]
        ],
        ignore_result=True,
    )
    until(are_done(rows, 3))
    found = rows()
    assert found["tile"].verdict == Verdict.PLACEHOLDER
    assert found["tile"].nearest_reference == shipped_references()[0].name
    assert found["person"].verdict == Verdict.REAL
    assert found["outside"].failure == FailureCode.FORBIDDEN
    log = worker.log.read_text()
    assert "refused the upload {'key': 'nothing'}" in log
    assert log.count("chunk ids=") == 1
    assert worker.stop() == 0
    assert "Traceback" not in worker.log.read_text()


@on_sqlite
def test_an_added_and_a_retired_reference_take_effect_in_a_running_worker(
    installed: Database,
    settings: Settings,
    start_worker: Start,
    rows: Rows,
    until: Until,
    pictures: Path,
) -> None:
    path = pictures / "new.png"
    draw(77, "silhouette", longest_side=96).image.save(path)
    app = create_app(settings)

    def judged(key: str) -> ResultRow:
        ingest_uploads(installed, app, [NewUpload(key, str(path))], Lane.INTERACTIVE, 64)
        until(lambda: rows()[key].state == UploadState.JUDGED)
        return rows()[key]

    start_worker()
    before = judged("before")
    with installed.transaction() as session:
        added = references.add(session, [NewReference("new", path.read_bytes())]).added[0].id
    until(lambda: judged(f"added {monotonic()}").nearest_reference_id == added)
    with installed.transaction() as session:
        references.retire(session, [added])
    until(lambda: judged(f"retired {monotonic()}").nearest_reference_id != added)
    after = rows()
    newest = max(after.values(), key=lambda row: row.id)
    assert newest.reference_set_version == (before.reference_set_version or 0) + 2
    assert newest.similarity == before.similarity


def assert_is_small_and_loads_no_tensorflow(worker: Any) -> None:
    # What the processes share is counted once.
    resident = sum(process.memory_full_info().pss for process in worker.processes)
    assert resident < 400e6
    libraries = "".join(
        Path(f"/proc/{process.pid}/maps").read_text() for process in worker.processes
    )
    assert "/openvino/" in libraries
    assert "site-packages/tensorflow" not in libraries


@contextmanager
def slowly_writing(database: Database) -> Iterator[None]:
    """Have PostgreSQL write each chunk slowly, so that the fastest machine is found at work."""
    slow = """
        CREATE FUNCTION be_slow() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN PERFORM pg_sleep(0.2); RETURN NULL; END $$;
        CREATE TRIGGER slow AFTER INSERT ON scores EXECUTE FUNCTION be_slow()
    """
    with database.transaction() as session:
        session.connection().exec_driver_sql(slow)
    yield
    with database.transaction() as session:
        session.connection().exec_driver_sql("DROP FUNCTION be_slow CASCADE")


@on_postgresql
def test_a_killed_worker_changes_nothing_in_the_final_table(
    installed: Database,
    settings: Settings,
    start_worker: Start,
    rows: Rows,
    until: Until,
    make_pictures: Callable[[int], dict[str, str]],
) -> None:
    uris = make_pictures(240)
    app = create_app(settings)

    def enqueue(prefix: str) -> None:
        items = [NewUpload(prefix + key, uri) for key, uri in uris.items()]
        ingest_uploads(installed, app, items, Lane.BULK, settings.chunk_size)

    def count_done() -> int:
        return sum(row.state in (UploadState.JUDGED, UploadState.FAILED) for row in rows().values())

    enqueue("")
    with slowly_writing(installed):
        first = start_worker()
        until(lambda: count_done() >= 60)
        first.kill()
        assert 60 <= count_done() < 240
    second = start_worker()
    until(are_done(rows, 240))
    assert "sweep sent=" in second.log.read_text()
    killed = rows()

    # And once more, by a worker that nothing disturbs.
    with installed.transaction() as session:
        session.connection().exec_driver_sql("TRUNCATE embeddings, scores, uploads CASCADE")
    enqueue("")
    until(are_done(rows, 240))
    assert_is_small_and_loads_no_tensorflow(second)
    assert second.stop() == 0

    assert killed.keys() == rows().keys()
    for key, row in rows().items():
        other = killed[key]
        assert (other.verdict, other.failure, other.failure_message) == (
            row.verdict,
            row.failure,
            row.failure_message,
        )
        assert other.nearest_reference_id == row.nearest_reference_id
        assert other.similarity == pytest.approx(row.similarity, abs=2e-3)


@on_postgresql
def test_a_killed_child_is_replaced_and_its_chunk_comes_back(
    installed: Database,
    settings: Settings,
    start_worker: Start,
    rows: Rows,
    until: Until,
    make_pictures: Callable[[int], dict[str, str]],
) -> None:
    items = [NewUpload(key, uri) for key, uri in make_pictures(80).items()]
    worker = start_worker()
    worker.wait_for_line("judging by model version")
    with slowly_writing(installed):
        ingest_uploads(installed, create_app(settings), items, Lane.BULK, settings.chunk_size)
        until(lambda: any(row.state == UploadState.CLAIMED for row in rows().values()))
        (child,) = psutil.Process(worker.process.pid).children()
        child.kill()
    until(are_done(rows, 80))
    assert child.pid not in {process.pid for process in worker.processes}
    assert worker.stop() == 0


@on_postgresql
def test_what_a_backend_sends_outlives_an_absent_database(
    installed: Database,
    postgres_url: str,
    start_worker: Start,
    rows: Rows,
    until: Until,
    broker_url: str,
) -> None:
    worker = start_worker()
    worker.wait_for_line("judging by model version")
    name = installed.engine.url.database
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
        )
        backend = Celery(broker=broker_url, set_as_current=False)
        backend.send_task("nophoto.score", [[{"key": "a", "uri": "/x"}]], ignore_result=True)
        worker.wait_for_line("further failures are only counted")
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    until(are_done(rows, 1))


@on_sqlite
def test_goes_on_when_its_broker_comes_back(
    installed: Database,
    settings: Settings,
    start_worker: Start,
    rows: Rows,
    until: Until,
) -> None:
    with tempfile.TemporaryDirectory(prefix="nophoto-") as home:
        settings = settings.model_copy(update={"home": Path(home), "broker_url": SecretStr("")})
        with embedded_valkey(settings):
            worker = start_worker(NOPHOTO_HOME=home, NOPHOTO_BROKER_URL="")
            worker.wait_for_line("judging by model version")
        worker.wait_for_line("connection to the broker is lost")
        with installed.transaction() as session:
            add_uploads(session, [NewUpload("meanwhile", "/x")], Lane.BULK)
        with embedded_valkey(settings):
            until(are_done(rows, 1))
            assert worker.stop() == 0


@on_sqlite
def test_stops_within_seconds_in_the_middle_of_a_long_chunk(
    installed: Database,
    settings: Settings,
    start_worker: Start,
    rows: Rows,
    until: Until,
    pictures: Path,
) -> None:
    # Large, and on one thread, so that no machine is done with them before the grace is over.
    buffer = BytesIO()
    Image.linear_gradient("L").resize((1500, 1500)).convert("RGB").save(buffer, "PNG")
    items = []
    for number in range(1000):
        (pictures / f"{number}.png").write_bytes(buffer.getvalue() + str(number).encode())
        items.append(NewUpload(str(number), str(pictures / f"{number}.png")))
    worker = start_worker(NOPHOTO_LEASE_SECONDS="60", NOPHOTO_THREADS="1")
    worker.wait_for_line("judging by model version")
    ingest_uploads(installed, create_app(settings), items, Lane.BULK, chunk_size=1000)
    until(lambda: any(row.state == UploadState.CLAIMED for row in rows().values()))
    worker.process.send_signal(signal.SIGINT)  # the others are stopped by SIGTERM
    assert worker.process.wait(90) == 0
    assert "worker stopped" in worker.log.read_text()
    assert {row.state for row in rows().values()} == {UploadState.QUEUED}
    with installed.reading() as session:
        assert set(session.scalars(select(Upload.attempts))) == {0}


class TestRefusals:
    """What a worker says before it works on anything; one of them by a process, the others here."""

    def refused(self, settings: Settings, **others: object) -> str:
        with pytest.raises(NophotoError) as raised:
            run_worker(settings.model_copy(update=others))
        return str(raised.value)

    @on_sqlite
    def test_a_broker_that_is_absent(self, installed: Database, settings: Settings) -> None:
        line = self.refused(settings, broker_url=SecretStr("redis://:secret@127.0.0.1:1/0"))
        assert "the broker at redis://" in line
        assert "nophoto up" in line
        assert "secret" not in line

    @on_sqlite
    def test_a_root_that_cannot_be_read(self, installed: Database, settings: Settings) -> None:
        assert "NOPHOTO_ROOTS" in self.refused(settings, roots=("magic://bucket",))

    def test_a_database_without_tables(
        self, empty_url: str, database: Database, settings: Settings
    ) -> None:
        assert "nophoto db upgrade" in self.refused(settings, database_url=SecretStr(empty_url))

    @on_postgresql
    def test_a_database_that_is_absent(self, database: Database, start_worker: Start) -> None:
        url = "postgresql://me:secret@127.0.0.1:1/x"
        worker = start_worker(NOPHOTO_DATABASE_URL=url)
        assert worker.process.wait(90) == 1
        log: str = worker.log.read_text()
        assert "Traceback" not in log
        (line,) = [line for line in log.splitlines() if line.startswith("error: ")]
        assert "does not answer" in line
        assert "secret" not in line

    @on_sqlite
    def test_a_database_without_a_model_version(
        self, database: Database, settings: Settings
    ) -> None:
        assert "no model version is active" in self.refused(settings)

    @on_sqlite
    @pytest.mark.parametrize(
        ("column", "value", "message"),
        [("location", "/nowhere", "/nowhere"), ("digest", "0" * 64, "0" * 64)],
    )
    def test_a_model_version_that_is_missing_or_another(
        self, column: str, value: str, message: str, installed: Database, settings: Settings
    ) -> None:
        with installed.transaction() as session:
            session.connection().exec_driver_sql(f"UPDATE model_versions SET {column} = '{value}'")
        assert message in self.refused(settings)


@on_sqlite
def test_a_queue_full_of_nonsense_ends_no_worker(
    installed: Database,
    start_worker: Start,
    rows: Rows,
    until: Until,
    broker_url: str,
    pictures: Path,
) -> None:
    (pictures / "reference.webp").write_bytes(shipped_references()[0].data)
    items = [{"key": "reference", "uri": str(pictures / "reference.webp")}]
    backend = Celery(broker=broker_url, set_as_current=False)
    client = Redis.from_url(broker_url.replace("redis+socket", "unix"))
    backend.send_task("nophoto.score", [items], queue="interactive")
    sound = client.rpop("interactive")
    assert isinstance(sound, bytes)
    worker = start_worker(NOPHOTO_LOG_FORMAT="json")
    worker.wait_for_line("ready")
    before = worker.processes[0].pid
    nonsense = list(damaged_messages(sound, 400))
    client.lpush("interactive", *nonsense, b"", b"{", b"[]", b"\xff\xfe", b" " * (9 * 2**20))
    client.lpush("interactive", sound)
    until(are_done(rows, 1), explain=worker.log.read_text)
    assert worker.processes[0].pid == before
    assert worker.process.poll() is None
    logged = [json.loads(line) for line in worker.log.read_text().splitlines() if line[:1] == "{"]
    assert sum(line["message"].startswith("refused a message") for line in logged) > 100
    # By chance a damaged message is another sound one, of another key or run.
    chunks = [line for line in logged if line.get("event") == "chunk"]
    assert (1, 12) in [(chunk["judged"], len(chunk["chunk"])) for chunk in chunks]
    until(lambda: not client.hlen("unacked"))
