"""What is heavy stays out of the rooms that do without it."""

import json
import subprocess
import sys
from functools import cache
from typing import Any

import pytest

TRAINING = {"tensorflow", "keras", "matplotlib", "skimage", "sklearn", "scipy"}

ABOVE = ("nophoto.worker", "nophoto.jobs", "nophoto.console", "nophoto.api")

ROOMS = """
import importlib, json, pkgutil, sys
loaded = {{}}
for name in {rooms!r}:
    room = importlib.import_module(name)
    for module in pkgutil.walk_packages(room.__path__, name + "."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    loaded[name] = sorted(sys.modules)
json.dump(loaded, sys.stdout)
"""
"""Tells what is loaded after every module of a room, and of those before it, was imported."""

HELP = """
import json, sys
sys.argv = ["nophoto", "--help"]
from nophoto.jobs.cli import main
try:
    main()
finally:
    json.dump(sorted(sys.modules), sys.stderr)
"""


def told_by(program: str, stream: str = "stdout") -> Any:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(getattr(done, stream))


@cache
def loaded_by(*rooms: str) -> dict[str, set[str]]:
    """What is loaded after each room in turn; one process, for most of them share what is large."""
    return {room: set(names) for room, names in told_by(ROOMS.format(rooms=rooms)).items()}


@pytest.mark.parametrize("room", ABOVE)
def test_no_module_of_a_room_imports_what_trains(room: str) -> None:
    assert not TRAINING & loaded_by(*ABOVE)[room]


@pytest.mark.parametrize("room", ["nophoto.worker", "nophoto.jobs"])
def test_no_module_imports_what_traces_before_somebody_asks_for_it(room: str) -> None:
    assert not {"opentelemetry.exporter", "opentelemetry.sdk"} & loaded_by(*ABOVE)[room]


def test_help_imports_little() -> None:
    heavy = TRAINING | {"openvino", "celery", "sqlalchemy", "numpy", "PIL", "jinja2", "redis"}
    assert not heavy & set(told_by(HELP, "stderr"))


def test_a_worker_s_parent_imports_what_its_children_share_and_no_more() -> None:
    program = """
import json, sys
import nophoto.worker.broker.transport, nophoto.worker.process.scoring_worker
json.dump(sorted(sys.modules), sys.stdout)
"""
    loaded = set(told_by(program))
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
    assert told_by(program) == ["False", "convert_model"]


def test_the_tables_know_no_network_and_no_queue() -> None:
    loaded = loaded_by("nophoto.models.records")["nophoto.models.records"]
    foreign = {"openvino", "celery", "PIL", *ABOVE, "nophoto.models.vision", *TRAINING}
    assert not foreign & loaded


def test_the_network_knows_no_tables_and_no_queue() -> None:
    loaded = loaded_by("nophoto.models.vision")["nophoto.models.vision"]
    assert "nophoto.models.vision.pictures" in loaded
    assert not {"sqlalchemy", "celery", *ABOVE, "nophoto.models.records"} & loaded
