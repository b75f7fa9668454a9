"""Memory of the server, what it loads where it judges nothing, and how its threads take turns."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from time import monotonic, sleep

import httpx
import psutil
import pytest

from benchmarks.environment import environment_of
from nophoto.worker.settings import Settings
from nophoto.worker.versions.shipped import install_shipped

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)

LOADED = """
import json, sys
import nophoto.api.__main__
json.dump(sorted(sys.modules), sys.stdout)
"""


def test_what_judges_is_loaded_by_the_requests_that_need_it(database) -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True)
    loaded = {*json.loads(done.stdout)}
    assert (
        not {"numpy", "PIL", "openvino", "tensorflow", "keras", "gradio", "alembic", "rich"}
        & loaded
    )


@pytest.mark.parametrize(("arguments", "most"), [(["--no-score"], 120), ([], 350)])
def test_a_server_that_works_needs_little_memory_and_interrupts_no_thread_of_its_own(
    database, made_settings: Callable[..., Settings], arguments: list[str], most: int
) -> None:
    install_shipped(database)
    settings = made_settings(api_rate="")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-P", "-m", "nophoto.jobs.cli", "api", "--port", str(port)]
    with (
        subprocess.Popen(
            [*command, *arguments], env={**os.environ, **environment_of(settings)}
        ) as process,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client,
    ):
        try:
            deadline = monotonic() + 120
            while True:
                try:
                    client.get("/health/live")
                    break
                except httpx.TransportError:
                    assert monotonic() < deadline
                    sleep(0.2)
            for number in range(20):
                uploads = [{"key": f"{number}/{n}", "uri": f"/{n}.jpg"} for n in range(100)]
                assert client.post("/v1/uploads", json=uploads).status_code == 202
                client.get("/v1/uploads", params={"limit": 100})
            if not arguments:
                while client.post("/v1/score", files={"file": b"x"}).status_code != 422:
                    assert monotonic() < deadline
            server = psutil.Process(process.pid)
            memory = server.memory_info().rss / 2**20
            threads = [
                thread.id
                for each in (server, *server.children(recursive=True))
                for thread in each.threads()
            ]
            policies = {os.sched_getscheduler(thread) for thread in threads}
        finally:
            process.terminate()
    assert memory <= most
    assert policies == {os.SCHED_BATCH}
