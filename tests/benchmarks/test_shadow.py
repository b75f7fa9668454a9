"""The benchmark as a person runs it, in small."""

import json
import os
import subprocess
import sys
import tempfile

import pytest


@pytest.mark.slow
def test_measures_with_and_without_a_shadow() -> None:
    # Not under pytest's folders: the path of a Unix socket may have a hundred characters.
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.shadow", "--pictures", "100", "--rounds", "1",
             "--share", "0.5", "--uploads", "20", "--json"],
            env=os.environ | {"TMPDIR": temporary},
            capture_output=True,
            text=True,
            timeout=240,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    rates, latencies = json.loads(done.stdout)["tables"]
    assert [row[0] for row in rates["rows"]] == [
        "without, photos/s",
        "with, photos/s",
        "costs",
        "may cost",
    ]
    compared = int(rates["notes"][0].split("compared ")[1].split()[0])
    assert 20 < compared < 80, "about half of a hundred"
    assert len(latencies["rows"]) == 2
