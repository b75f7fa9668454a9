"""One promotion under load, measured as a person does it."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest


@pytest.mark.slow
def test_both_lanes_follow_a_promotion_and_nothing_is_left() -> None:
    # Not under pytest's folders: the path of a Unix socket may have a hundred characters.
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.change_over", "--changes", "1", "--json"],
            env=os.environ | {"TMPDIR": temporary},
            capture_output=True,
            text=True,
            timeout=200,
        )
        assert not list(Path(temporary).glob("nophoto-*"))
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout.splitlines()[-1])["tables"][0]["rows"]
    first, last = ({row[0].split()[0]: float(row[1]) for row in rows[place::2]} for place in (0, 1))
    assert first.keys() == {"interactive", "bulk"}
    assert all(0 <= seconds < 60 for seconds in first.values())
    assert all(-60 < seconds < 60 for seconds in last.values())
    # One worker judges a lane here, and by one version at a time.
    assert all(last[lane] <= first[lane] for lane in first)
