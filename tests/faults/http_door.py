"""The HTTP door: `nophoto api` in a process of its own, and a client that never gives up."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep
from uuid import uuid4

import httpx

from benchmarks.environment import environment_of
from nophoto.jobs.operations.api_keys import add_key
from nophoto.models.records.database import Database
from nophoto.models.records.tables import Lane, Scope
from nophoto.models.records.uploads import NewUpload
from nophoto.worker.settings import Settings

_TIMEOUT = 120.0
"""Seconds in which a request must be answered well, however often it has to be sent."""


class HttpDoor:
    """A server of the HTTP API, started again whenever it has ended.

    Args:
        folder: for its log.
        settings: database and broker.
        database: which gets a key.
    """

    def __init__(self, folder: Path, settings: Settings, database: Database) -> None:
        self._log = folder / "api.log"
        self._settings = settings
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self._secret = add_key(database, "faults", [*Scope], by="faults").secret
        self._start()

    def send(self, items: list[NewUpload], lane: Lane) -> None:
        """Send `items` as a platform would: until it is told that they are taken.

        Raises:
            AssertionError: if that takes too long, or one is refused.
        """
        uploads = [{"key": item.key, "uri": item.uri, "lane": lane} for item in items]
        headers = {
            "Authorization": f"Bearer {self._secret}",
            "Idempotency-Key": uuid4().hex,
        }
        deadline = monotonic() + _TIMEOUT
        while True:
            self.keep_alive()
            try:
                answer = httpx.post(
                    f"http://127.0.0.1:{self._port}/v1/uploads",
                    json=uploads,
                    headers=headers,
                    timeout=30,
                )
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code == 202:
                assert answer.json()["refused"] == 0, answer.text
                return
            # What failed may be sent again: the key sees to it that nothing is taken twice.
            assert answer is None or answer.status_code in (409, 429, 500, 503), answer.text
            assert monotonic() < deadline, f"not taken: {answer and answer.text}"
            sleep(0.3)

    def keep_alive(self) -> None:
        """Start it again if it has ended, as systemd or docker would."""
        if self.process.poll() is not None:
            self._start()

    def kill(self) -> None:
        """End it where it stands."""
        self.process.kill()
        self.process.wait(10)

    def _start(self) -> None:
        command = [sys.executable, "-P", "-m", "nophoto.jobs.cli", "api", "--no-score"]
        with self._log.open("ab") as output:
            self.process = subprocess.Popen(
                [*command, "--port", str(self._port)],
                env={**os.environ, **environment_of(self._settings)},
                stdout=output,
                stderr=output,
            )
