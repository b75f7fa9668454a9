import subprocess
import sys
from pathlib import Path

import pytest

from nophoto.models.records.database import Database

_BEAT = """
import os, signal, sys
from pathlib import Path

from nophoto.worker.scheduler import run
from nophoto.worker.settings import Settings

rounds = []


class Destroyed:
    '''What is raised in a destructor is told and forgotten by Python.'''

    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        sum(range(1_000))  # here its handler raises


def tick(*_):
    rounds.append(Destroyed())
    rounds[-1] = None
    assert len(rounds) == 1
    return 0.01


run.DatabaseScheduler.tick = tick
home, database_url, broker_url = sys.argv[1:]
run.run_beat(
    Settings(_env_file=None, home=Path(home), database_url=database_url, broker_url=broker_url)
)
assert rounds == [None]
"""


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_word_to_stop_that_comes_at_a_bad_moment_is_heeded(
    database: Database, broker_url: str, tmp_path: Path
) -> None:
    url = database.engine.url.render_as_string(hide_password=False)
    beat = subprocess.run(
        [sys.executable, "-c", _BEAT, str(tmp_path), url, broker_url],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert beat.returncode == 0, beat.stderr
    assert "Exception ignored in" in beat.stderr
    assert "scheduler stopped" in beat.stderr
