"""The HTTP door: `nophoto api` in a process of its own, and a client that never gives up."""

import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import quote
from uuid import uuid4

import httpx

from nophoto.jobs.operations.api_keys import add_key
from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle.uploads import NewUpload
from nophoto.models.records.tables import Lane, Scope

_TIMEOUT = 120.0
"""Seconds in which a request must be answered well, however often it has to be sent."""


class HttpDoor:
    """A server of the HTTP API, started again whenever it has ended.

    Args:
        folder: for its log.
        environment: of the server: settings, and where trips are laid.
        database: which gets a key.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str], database: Database) -> None:
        self._log = folder / "api.log"
        self._environment = environment
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
        uploads = [
            {"key": item.key, "uri": item.uri, "lane": lane}
            | ({} if item.version is None else {"version": item.version})
            for item in items
        ]
        # What failed may be sent again: the key sees to it that nothing is taken twice.
        answer = self._ask("POST", "", (202,), json=uploads, once=uuid4().hex)
        assert answer.json()["refused"] == 0, answer.text

    def erase(self, key: str) -> None:
        """Erase an upload, until there is none."""
        # One that was killed after it had erased is asked again, and knows nothing of it.
        self._ask("DELETE", f"/{quote(key, safe='')}", (200, 404))

    def _ask(
        self, method: str, path: str, good: tuple[int, ...], *, json: object = None, once: str = ""
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._secret}"}
        headers |= {"Idempotency-Key": once} if once else {}
        url = f"http://127.0.0.1:{self._port}/v1/uploads{path}"
        deadline = monotonic() + _TIMEOUT
        while True:
            self.keep_alive()
            try:
                answer = httpx.request(method, url, json=json, headers=headers, timeout=30)
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code in good:
                return answer
            assert answer is None or answer.status_code in (409, 429, 500, 503), answer.text
            assert monotonic() < deadline, f"not answered: {answer and answer.text}"
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
        command = [sys.executable, "-m", "tests.faults.api_program", "--host", "127.0.0.1"]
        with self._log.open("ab") as output:
            self.process = subprocess.Popen(
                [*command, "--port", str(self._port), "--is-local"],
                env={**os.environ, **self._environment},
                cwd=Path(__file__).parents[2],
                stdout=output,
                stderr=output,
            )
