import json
import logging
from collections.abc import Callable

import pytest

from nophoto.worker.concurrency.timeout_pool import TimeoutThreadPool
from nophoto.worker.telemetry import logs
from nophoto.worker.telemetry.logs import log_context, log_event

log = logging.getLogger("tests.logs")


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch, capsys) -> Callable[[str], Callable[[], list[str]]]:
    """Configures logging in a format, and gives what was written since."""

    def configured(log_format: logs.LogFormat) -> Callable[[], list[str]]:
        root = logging.getLogger()
        monkeypatch.setattr(root, "handlers", [])
        monkeypatch.setattr(root, "level", root.level)
        logs.configure(log_format)
        return lambda: capsys.readouterr().err.splitlines()

    return configured


def test_a_line_for_people_says_what_it_is_about(lines) -> None:
    written = lines("text")
    with log_context(chunk="ab12"):
        log_event(log, "upload", key="two words", failure="missing", chunk="ab12")
        log.warning("lost %s", "it")
    log.warning("over")
    first, second, third = written()
    assert first.endswith('tests.logs: upload key="two words" failure=missing chunk=ab12')
    assert second.endswith("tests.logs: lost it chunk=ab12")
    assert third.endswith("tests.logs: over")


def test_a_line_for_machines_holds_every_field(lines) -> None:
    written = lines("json")
    with log_context(run=7), log_context(chunk="ab12"):
        log_event(log, "upload", key='a"b\n', failure="missing", seconds=0.25)
        try:
            raise ValueError("no")
        except ValueError:
            log.exception("it failed: %s", {"x": 1})
    first, second = map(json.loads, written())
    assert first["event"] == "upload"
    assert (first["key"], first["run"], first["chunk"]) == ('a"b\n', 7, "ab12")
    assert (first["seconds"], first["level"], first["logger"]) == (0.25, "info", "tests.logs")
    assert second["message"] == "it failed: {'x': 1}"
    assert second["chunk"] == "ab12"
    assert "ValueError: no" in second["exception"]


def test_threads_that_work_on_a_chunk_say_so(lines) -> None:
    written = lines("json")
    with log_context(chunk="ab12"):
        list(TimeoutThreadPool(2, 5).run(lambda n: log.warning("picture %d", n), range(3)))
    assert [json.loads(line)["chunk"] for line in written()] == ["ab12"] * 3
