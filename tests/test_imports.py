"""What is heavy stays out of the rooms that do without it."""

import json
import subprocess
import sys
from functools import cache

import pytest

TRAINING = {"tensorflow", "keras", "matplotlib", "skimage", "sklearn", "scipy"}

ABOVE = ("nophoto.worker", "nophoto.jobs", "nophoto.console", "nophoto.api")

ROOM = """
import importlib, json, pkgutil, sys
room = importlib.import_module({room!r})
for module in pkgutil.walk_packages(room.__path__, room.__name__ + "."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
json.dump(sorted(sys.modules), sys.stdout)
"""

HELP = """
import json, sys
sys.argv = ["nophoto", "--help"]
from nophoto.jobs.cli import main
try:
    main()
finally:
    json.dump(sorted(sys.modules), sys.stderr)
"""


@cache
def modules_after(program: str, stream: str = "stdout") -> set[str]:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(json.loads(getattr(done, stream)))


@pytest.mark.parametrize("room", [*ABOVE, "nophoto.models.records"])
def test_no_module_of_a_room_imports_what_trains(room: str) -> None:
    assert not TRAINING & modules_after(ROOM.format(room=room))


@pytest.mark.parametrize("room", ["nophoto.worker", "nophoto.jobs"])
def test_no_module_imports_what_traces_before_somebody_asks_for_it(room: str) -> None:
    loaded = modules_after(ROOM.format(room=room))
    assert not {"opentelemetry.exporter", "opentelemetry.sdk"} & loaded


def test_help_imports_little() -> None:
    heavy = TRAINING | {"openvino", "celery", "sqlalchemy", "numpy", "PIL", "jinja2", "redis"}
    assert not heavy & modules_after(HELP, "stderr")


def test_a_worker_s_parent_imports_what_its_children_share_and_no_more() -> None:
    program = """
import json, sys
import nophoto.worker.broker.transport, nophoto.worker.process.scoring_worker
json.dump(sorted(sys.modules), sys.stdout)
"""
    loaded = modules_after(program)
    assert {"celery", "redis", "sqlalchemy"} <= loaded
    # Each a tenth of a second of a worker's start, or more.
    assert not {"PIL", "openvino", "opentelemetry.sdk", *TRAINING} & loaded


def test_what_serves_leaves_out_what_converts_and_an_export_finds_it() -> None:
    program = """
import json, sys
import nophoto.models.vision.engines.openvino_engine
served = "openvino.tools.ovc" in sys.modules
from openvino.tools.ovc import convert_model
json.dump([str(served), convert_model.__name__], sys.stdout)
"""
    assert modules_after(program) == {"False", "convert_model"}


def test_the_tables_know_no_network_and_no_queue() -> None:
    loaded = modules_after(ROOM.format(room="nophoto.models.records"))
    assert not {"openvino", "celery", "PIL", *ABOVE, "nophoto.models.vision"} & loaded


def test_the_network_knows_no_tables_and_no_queue() -> None:
    loaded = modules_after(ROOM.format(room="nophoto.models.vision"))
    assert "nophoto.models.vision.pictures" in loaded
    assert not {"sqlalchemy", "celery", *ABOVE, "nophoto.models.records"} & loaded
