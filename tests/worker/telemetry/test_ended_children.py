"""Children come and go; the sums stay, and the files do not pile up."""

import json
import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import json, os, sys
from pathlib import Path
from prometheus_client import CollectorRegistry, Counter, Histogram
from nophoto.worker.telemetry.ended_children import ChildrenCollector

folder = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
counter, histogram = Counter("c", "c", ["kind"]), Histogram("h", "h", buckets=(1, 10))
registry = CollectorRegistry()
registry.register(ChildrenCollector(folder))

def figures():
    names = {"c_total": {"kind": "a"}, "h_count": {}, "h_sum": {}, "h_bucket": {"le": "1.0"}}
    return [registry.get_sample_value(name, labels) for name, labels in names.items()]

seen = []
for number in range(20):
    pid = os.fork()
    if not pid:
        counter.labels("a").inc(2)
        histogram.observe(0.5)
        histogram.observe(5)
        os._exit(0)
    os.waitpid(pid, 0)
    if number % 3 == 0:
        seen.append((number + 1, figures(), len(list(folder.iterdir()))))
json.dump(seen, sys.stdout)
"""


def test_figures_of_ended_children_are_kept_in_one_file_of_each_kind(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    for children, figures, files in json.loads(done.stdout):
        assert figures == [2 * children, 2 * children, 5.5 * children, children]
        assert files <= 2 * 2  # of the parent, and of all that have ended
