import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.records.database import Database
from worker.schedule import run
from worker.settings import Settings


@pytest.fixture
def own_handler() -> Iterator[None]:
    handler = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, handler)


class _Destroyed:
    """What is raised in a destructor is told and forgotten by Python."""

    def __del__(self) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        sum(range(1_000))  # here its handler raises


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.usefixtures("own_handler")
def test_a_word_to_stop_that_comes_at_a_bad_moment_is_heeded(
    database: Database, broker_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds = []

    def tick(*_: object) -> float:
        rounds.append(_Destroyed())
        rounds[-1] = None
        assert len(rounds) == 1
        return 0.01

    monkeypatch.setattr(run.SlotScheduler, "tick", tick)
    url = database.engine.url.render_as_string(hide_password=False)
    run.run_beat(Settings(_env_file=None, home=tmp_path, database_url=url, broker_url=broker_url))
    assert rounds == [None]
