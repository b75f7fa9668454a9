"""The benchmark as a person runs it, in small."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from benchmarks.corpus import make_corpus


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    # Not under pytest's folders: the path of a Unix socket may have a hundred characters.
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.end_to_end", *arguments],
            env=os.environ | {"TMPDIR": temporary},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert not list(Path(temporary).glob("nophoto-*"))
    return done


@pytest.mark.slow
def test_measures_everything_in_each_round_and_leaves_nothing_behind(tmp_path: Path) -> None:
    make_corpus(tmp_path, 70)
    done = run("--pictures", "60", "--rounds", "1", "--corpus", str(tmp_path), "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    medians = {name: spread["median"] for name, spread in found["figures"].items()}
    assert 0 <= medians.pop("other_work") <= 1
    assert all(value > 0 for value in medians.values())
    assert medians["end_to_end"] < medians["decoding"]
    assert medians["of_engine"] < medians["of_bound"]
    assert 50e6 < medians["resident"] < 2e9
    assert found["facts"]["corpus"] == f"60 pictures, {tmp_path}"
    assert {"processor", "versions", "corpus", "network"} <= set(found["facts"])


def test_a_corpus_without_pictures_is_one_message(tmp_path: Path) -> None:
    done = run("--corpus", str(tmp_path))
    assert done.returncode == 1
    assert "holds no picture" in done.stderr
    assert "Traceback" not in done.stderr
