"""Plans machines from measured constants, and writes `docs/capacity.md`.

`python -m benchmarks.capacity` puts the constants below, and what follows from them, into the
page's text in `docs/made/capacity.md.jinja`. Each constant names the command that measures it.
"""

from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Annotated, Any

import typer
from jinja2 import Environment, StrictUndefined

from nophoto.jobs.cli.rendering.output import say
from nophoto.worker.settings import Settings

_ROOT = Path(__file__).parents[1]
PAGE = _ROOT / "docs/capacity.md"
_TEXT = _ROOT / "docs/made/capacity.md.jinja"


@dataclass(frozen=True, slots=True)
class Constant:
    """What one upload takes, or a million or a worker.

    Attributes:
        what: in words.
        value: in `unit`.
        by: the command that measures it, or what it is counted from.
    """

    what: str
    value: float
    unit: str
    by: str

    @property
    def shown(self) -> str:
        """With its unit."""
        return f"{self.value:g} {self.unit}"


_PROCESSOR_TIME = "`python -m benchmarks.processor_time`"
_SAME = "the same"

NETWORK = Constant("network, processor time", 2.2, "ms", f'{_PROCESSOR_TIME}, "network\'s threads"')
DECODING = Constant("decoding, processor time", 1.1, "ms", f'{_SAME}, "decoding processes"')
LARGE_DECODING = Constant(
    "decoding a JPEG of 12 megapixels, processor time", 36, "ms", f"{_SAME}, `--megapixels 12`"
)
PYTHON = Constant(
    "the worker's own Python, processor time", 0.72, "ms", f"{_SAME}, its child and Celery's parent"
)
POSTGRESQL = Constant(
    "PostgreSQL, processor time: take in, claim, look up, write", 0.15, "ms", f"{_SAME}, its line"
)
CONNECTION = Constant(
    "a connection to PostgreSQL, clock time of all that", 0.2, "ms", "`python -m benchmarks.growth`"
)
DISK = Constant(
    "disk: row, indexes, embedding, one score", 1.2, "kB", f'{_SAME}, "Bytes an upload"'
)
LATER_SCORE = Constant(
    "each later score (a verdict that changed)", 0.15, "kB", "row and index of `scores`, counted"
)
WAITING = Constant(
    "broker memory, an upload that waits", 21, "bytes", "a message of 128 ids takes 2.7 kB"
)
MEMORY = Constant(
    "a worker in memory, all its processes", 305, "MB", "`python -m benchmarks.startup`"
)
RESCORING = Constant(
    "rescoring a million from stored embeddings, few verdicts changed, on two cores",
    9.4,
    "s",
    "`python -m benchmarks.rescoring`",
)
CONSTANTS = (
    NETWORK,
    DECODING,
    LARGE_DECODING,
    PYTHON,
    POSTGRESQL,
    CONNECTION,
    DISK,
    LATER_SCORE,
    WAITING,
    MEMORY,
    RESCORING,
)

_PEAK = 3
"""Times the day's mean."""

_BUSY = 0.7
_DAYS = (1_000_000, 10_000_000, 100_000_000)
_STORED = (6, 7, 8, 9)
"""Powers of ten."""

_CORE_HOUR = 0.04
_GIGABYTE_MONTH = 0.1


def page() -> str:
    """The page as Markdown."""
    # It makes Markdown, in which nothing is to be escaped for HTML.
    environment = Environment(undefined=StrictUndefined, keep_trailing_newline=True)
    return environment.from_string(_TEXT.read_text(encoding="utf-8")).render(
        constants=CONSTANTS,
        peak=_PEAK,
        busy=f"{100 * _BUSY:.0f} %",
        plan=_plan(),
        days=[_day(uploads) for uploads in _DAYS],
        sizes=[_size(power) for power in _STORED],
        cost=_cost(),
    )


def _worker() -> float:
    return NETWORK.value + DECODING.value + PYTHON.value


def _all() -> float:
    return _worker() + POSTGRESQL.value


def _plan() -> dict[str, Any]:
    settings = Settings(_env_file=None)
    large = NETWORK.value + LARGE_DECODING.value + PYTHON.value
    most = _peak(_DAYS[-1])
    return {
        "of_processor": f"{_all():.1f} ms",
        "per_core": f"{round(1000 / _all(), -1):.0f}",
        "of_worker": f"{_worker():.1f} ms",
        "of_worker_large": f"{large:.0f} ms",
        "large_factor": f"{large / _worker():.1f}",
        "backlog_memory": _bytes(_DAYS[-1] * WAITING.value),
        "connections": ceil(most * CONNECTION.value / 1000),
        "chunk": settings.chunk_size,
        "flushes": _rounded(2 * most / settings.chunk_size),
        "fetches": settings.fetches,
        "fetched": settings.fetches * 20,
    }


def _day(uploads: int) -> dict[str, Any]:
    peak = _peak(uploads)
    cores = ceil(peak * _worker() / 1000 / _BUSY)
    return {
        "uploads": f"{uploads // 10**6} million",
        "mean": _rounded(peak / _PEAK),
        "peak": _rounded(peak),
        "worker_cores": cores,
        "worker_memory": _bytes(ceil(cores / 2) * MEMORY.value * 1e6),
        "database_cores": ceil(peak * POSTGRESQL.value / 1000 / _BUSY),
        "messages": _rounded(peak / Settings(_env_file=None).chunk_size),
        "disk": _bytes(uploads * DISK.value * 1e3),
    }


def _size(power: int) -> dict[str, Any]:
    seconds = RESCORING.value * 10 ** (power - 6)
    return {
        "uploads": f"10{'⁰¹²³⁴⁵⁶⁷⁸⁹'[power]}",
        "disk": _bytes(10**power * DISK.value * 1e3),
        "two_cores": _time(seconds),
        "sixteen_cores": _time(seconds / 8),
    }


def _cost() -> dict[str, Any]:
    million_hours = 1e6 * _all() / 1000 / 3600
    million_disk = 1e6 * DISK.value * 1e3 / 1e9
    again = 1_000 * million_hours
    return {
        "million_hours": f"{million_hours:.1f}",
        "million_disk": f"{million_disk:.1f}",
        # Both cores are PostgreSQL's too.
        "rescoring_hours": f"{2 * 1_000 * RESCORING.value / 3600:.1f}",
        "again_hours": f"{again:,.0f}",
        "core": _CORE_HOUR,
        "gigabyte": _GIGABYTE_MONTH,
        "million": f"{million_hours * _CORE_HOUR:.2f}",
        "million_kept": f"{million_disk * _GIGABYTE_MONTH:.2f}",
        "again": f"{again * _CORE_HOUR:.0f}",
    }


def _peak(uploads: int) -> float:
    return _PEAK * uploads / 86_400


def _rounded(value: float) -> str:
    return f"{value:.0f}" if value < 100 else f"{round(value, -1):,.0f}"


def _bytes(value: float) -> str:
    for unit, size in (("TB", 1e12), ("GB", 1e9)):
        if value >= size:
            return (
                f"{value / size:.2g} {unit}" if value < 100 * size else f"{value / size:.0f} {unit}"
            )
    return f"{value / 1e6:.0f} MB"


def _time(seconds: float) -> str:
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} s"


def main(
    out: Annotated[Path, typer.Option(metavar="FILE", help="The page.")] = PAGE,
) -> None:
    """Write the page on capacity."""
    out.write_text(page(), encoding="utf-8")
    say(f"wrote {out}")


if __name__ == "__main__":
    typer.run(main)
