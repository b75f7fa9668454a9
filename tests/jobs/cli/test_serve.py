import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from nophoto.models.records import scheduled_runs
from nophoto.models.records.database import Database
from nophoto.models.records.tables import Job

TIMEOUT = 60


@pytest.fixture
def short_home(monkeypatch) -> Iterator[Path]:
    # The path of a Unix socket may have a hundred characters, and pytest's folders have more.
    with tempfile.TemporaryDirectory(prefix="nophoto-") as name:
        monkeypatch.setenv("NOPHOTO_HOME", name)
        yield Path(name)


@contextmanager
def running(*arguments: str) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        [sys.executable, "-m", "nophoto.jobs.cli", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def has_slots(home: Path) -> bool:
    """Whether a scheduler is at work."""
    with Database(f"sqlite:///{home / 'nophoto.db'}").reading() as session:
        return scheduled_runs.latest(session, Job.RESCORE) is not None


def test_beat_works_until_it_is_told_to_stop(cli, upgraded, home):
    with running("beat") as process:
        wait_until(lambda: has_slots(home))
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=TIMEOUT)
    assert process.returncode == 0
    assert "rescore every day at 03:00, UTC" in output
    assert "Traceback" not in output


@pytest.mark.parametrize("command", ["beat", "notify"])
def test_what_runs_beside_a_worker_needs_the_tables_too(cli, command, monkeypatch):
    monkeypatch.setenv("NOPHOTO_CALLBACK_TASK", "shop.verdict")
    result = cli(command)
    assert result.exit_code == 1
    assert "nophoto db upgrade" in result.stderr


def test_notify_without_anybody_to_tell_says_what_to_set(cli, upgraded, monkeypatch):
    result = cli("notify")
    assert result.exit_code == 1
    assert "NOPHOTO_WEBHOOK_URL" in result.stderr
    monkeypatch.setenv("NOPHOTO_WEBHOOK_URL", "https://shop.example/hook")
    for command in ("notify", "up"):
        result = cli(command)
        assert result.exit_code == 1
        assert "NOPHOTO_WEBHOOK_SECRET is empty" in result.stderr


def test_up_judges_what_is_enqueued_and_stops_cleanly(cli, short_home, picture, monkeypatch):
    file = picture("a.png")
    monkeypatch.setenv("NOPHOTO_ROOTS", str(file.parent))
    with running("up") as process:
        wait_until(lambda: cli("status", "--json").exit_code == 0)
        wait_until(lambda: json.loads(cli("status", "--json").stdout)["broker"]["reachable"])
        wait_until(lambda: has_slots(short_home))
        assert cli("enqueue", file, file.with_name("gone.png"), "/etc/passwd").exit_code == 1
        wait_until(lambda: not json.loads(cli("status", "--json").stdout)["backlog"])
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=TIMEOUT)
    assert process.returncode == 0
    assert str(short_home) in output
    assert "nophoto enqueue" in output
    assert "Traceback" not in output
    lines = cli("results", "--format", "jsonl").stdout.splitlines()
    rows = {row["uri"]: row for row in map(json.loads, lines)}
    assert rows[str(file)]["verdict"] == "real"
    assert rows["/etc/passwd"]["failure"] == "forbidden"
    assert not (short_home / "valkey.sock").exists()


@pytest.mark.parametrize("arguments", [["worker"], ["worker", "--lane", "bulk"]])
def test_worker_without_a_database_says_what_to_do(cli, arguments):
    result = cli(*arguments)
    assert result.exit_code == 1
    assert "nophoto db upgrade" in result.stderr


def test_worker_without_a_broker_says_what_to_do(cli, upgraded):
    result = cli("worker")
    assert result.exit_code == 1
    assert "does not answer" in result.stderr
