"""Trainings in small, measured as a person does it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SMALL = {
    "default": {
        "drawn": 40,
        "distractors": 8,
        "variants": 0,
        "reference_variants": 0,
        "hardened": 0,
        "steps": 20,
    },
    "baseline": {"backbone": '"efficientnet-lite0"', "anchors": 4, "epochs": 2},
}


def run(*arguments: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.training", "--json", *arguments],
        env=os.environ | {"TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert not list(folder.glob("nophoto-*"))
    return done


@pytest.mark.slow
@pytest.mark.network
@pytest.mark.usefixtures("lite0_weights")
@pytest.mark.parametrize("recipe", SMALL)
def test_a_whole_training_is_measured_and_nothing_is_left(recipe: str, tmp_path: Path) -> None:
    changes = [f"--set={name}={value}" for name, value in SMALL[recipe].items()]
    sizes = ("--placeholders=6", "--photographs=12")
    done = run(f"--recipe={recipe}", *sizes, *changes, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    costs, stages = found["tables"]
    seconds, of_processors, megabytes = (float(row[1].replace(",", "")) for row in costs["rows"])
    assert 3 < seconds < 200
    assert of_processors > 3
    assert 200 < megabytes < 4_000
    assert abs(sum(float(row[1]) for row in stages["rows"]) - seconds) < 5
    assert found["facts"]["pictures"] == (
        "6 placeholders and 12 real pictures; 4 and 8 to measure with"
    )


def test_a_training_that_fails_is_one_message(tmp_path: Path) -> None:
    done = run(
        "--recipe=default", "--placeholders=6", "--photographs=6", "--set=steps=0", folder=tmp_path
    )
    assert done.returncode == 1
    assert "steps" in done.stderr
    assert "Traceback" not in done.stderr
