"""Several campaigns side by side: recovery is mostly waiting, for a lease or for a sweep."""

import multiprocessing
import signal
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from tests.faults.campaign import Line, run


def run_all(databases: Sequence[str], sites: int, **options: Any) -> Iterator[tuple[str, Line]]:
    """The lines of `sites` campaigns for each database, as they come.

    Args:
        databases: `postgresql`, `sqlite` or both.
        sites: among which the faults of each are shared out.
        options: of `campaign.run`.
    """
    # Ending it early ends servers and workers as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    context = multiprocessing.get_context("spawn")
    lines = context.Queue()
    processes = [
        context.Process(
            target=_serve,
            args=(lines, database, options | {"part": (part, sites)}),
            daemon=True,
        )
        for database in databases
        for part in range(sites)
    ]
    for process in processes:
        process.start()
    open_ones = len(processes)
    while open_ones:
        line = lines.get()
        if line is None:
            open_ones -= 1
        else:
            yield line
    for process in processes:
        process.join()
    if any(process.exitcode for process in processes):
        raise SystemExit("a campaign ended by an error of its own, which is above")


def _serve(lines: Any, database: str, options: dict[str, Any]) -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    uploads, seed = options.pop("uploads"), options.pop("seed")
    try:
        for line in run(database, uploads, seed, **options):
            lines.put((database, line))
    finally:
        lines.put(None)
