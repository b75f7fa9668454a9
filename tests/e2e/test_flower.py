"""Flower, as docs/operations.md starts it, beside a worker that sends Celery's events."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle.uploads import NewUpload
from nophoto.models.records.tables import Lane
from nophoto.worker.broker.app import create_app
from nophoto.worker.dispatch.ingest import ingest_uploads
from nophoto.worker.settings import Settings
from tests.e2e.scraping import free_port
from tests.pages import blocks

PAGE = Path(__file__).parents[2] / "docs/operations.md"

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_flower_sees_workers_and_tasks(
    installed: Database,
    start_worker: Callable[..., Any],
    settings: Settings,
    make_pictures: Callable[[int], dict[str, str]],
    until: Callable[..., None],
    tmp_path: Path,
) -> None:
    port = free_port()
    (command,) = blocks(PAGE.read_text(), "sh")

    def ask(what: str) -> dict[str, Any]:
        try:
            with urlopen(f"http://127.0.0.1:{port}/api/{what}", timeout=60) as answer:
                return dict(json.load(answer))
        except URLError:
            return {}

    log = tmp_path / "flower.log"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            ["bash", "-c", f"exec {command}"],
            env={
                **os.environ,
                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                "NOPHOTO_BROKER_URL": settings.effective_broker_url,
                "FLOWER_PORT": str(port),
                "FLOWER_UNAUTHENTICATED_API": "true",
            },
            cwd=tmp_path,
            stdout=output,
            stderr=output,
        ) as flower,
    ):
        try:
            until(lambda: "Connected to" in log.read_text(), explain=log.read_text)
            worker = start_worker(NOPHOTO_CELERY_EVENTS="true")
            worker.wait_for_line("judging by")
            uploads = [NewUpload(key, uri) for key, uri in make_pictures(3).items()]
            ingest_uploads(installed, create_app(settings), uploads, Lane.BULK, settings.chunk_size)

            def succeeded() -> list[dict[str, Any]]:
                tasks = ask("tasks?taskname=nophoto.score_chunk").values()
                return [task for task in tasks if task["state"] == "SUCCESS"]

            until(succeeded, explain=log.read_text)
            (task,) = succeeded()
            assert task["worker"].startswith("nophoto-")
            with urlopen(f"http://127.0.0.1:{port}/workers?json=1", timeout=60) as answer:
                (seen,) = json.load(answer)["data"]
            assert seen["hostname"] == task["worker"]
            assert seen["status"]
            assert worker.stop() == 0
        finally:
            flower.terminate()
