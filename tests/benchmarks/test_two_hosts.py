"""Hosts of their own, measured in small."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from benchmarks.hosts.network import NoNamespacesError, hosts


@pytest.fixture(autouse=True)
def namespaces() -> None:
    try:
        with hosts("one"):
            pass
    except NoNamespacesError as error:
        pytest.skip(f"NO SEVERAL HOSTS HERE, the benchmark of them is not tried: {error}")


@pytest.mark.slow
def test_one_and_two_hosts_are_measured_beside_bare_networks() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        arguments = ("--pictures", "256", "--rounds", "1", "--seconds", "0.5", "--json")
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.two_hosts", *arguments],
            env=os.environ | {"TMPDIR": temporary},
            capture_output=True,
            text=True,
            timeout=200,
        )
        assert not list(Path(temporary).glob("hosts-*"))
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    medians = {name: spread["median"] for name, spread in found["figures"].items()}
    assert 0 <= medians.pop("other_work") <= 1
    assert all(value > 0 for value in medians.values())
    assert medians["one_host"] < medians["one_engine"]
    (note,) = found["tables"][0]["notes"]
    assert note.startswith("At least 1.8 is asked")
    assert "cores" in found["facts"]["processor"]
