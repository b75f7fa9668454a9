"""The machine and the software that a figure was measured with."""

import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import psutil

from nophoto.models.processors import processors

PACKAGES = ("nophoto", "openvino", "celery", "sqlalchemy", "psycopg", "pillow", "numpy")


def facts(packages: Sequence[str] = PACKAGES) -> dict[str, str]:
    """What a reader needs to compare figures with their own, by name."""
    memory = psutil.virtual_memory().total / 2**30
    return {
        "processor": f"{_processor()}, {processors()} cores",
        "memory": f"{memory:.1f} GiB",
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "versions": ", ".join(f"{name} {version(name)}" for name in packages),
    }


def other_work() -> float:
    """The share of the processors that others use, in half a second in which we rest."""
    return float(psutil.cpu_percent(0.5)) / 100


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text().splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()
