"""How long one upload takes from enqueueing to the commit of its verdict.

`python -m benchmarks.latency` enqueues pictures one by one, each when the one before is judged: on
an idle system, then while another worker is kept busy by the bulk lane, as the compose file runs
them, then while the same worker serves both lanes.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter, sleep
from typing import Annotated

import numpy as np
import typer
from sqlalchemy import select

from benchmarks import machine
from benchmarks.corpus import CorpusFolder, take_corpus
from benchmarks.installation import Installation, install
from benchmarks.loads import bulk_load
from benchmarks.table import Table, show
from benchmarks.worker_process import WorkerError, WorkerProcess, run_worker
from nophoto.jobs.cli.rendering.output import print_error, progress
from nophoto.models.errors import NophotoError
from nophoto.models.records.tables import Lane, Upload, UploadState

_ASKED_EVERY = 0.002
"""Seconds: what a latency is rounded up by, at most."""

_TIMEOUT = 60.0
_WARM_UP = 5
"""Uploads that are not counted."""


def latencies(installation: Installation, files: Sequence[Path]) -> list[float]:
    """Seconds of each of `files`, enqueued one after the other.

    Raises:
        WorkerError: if one is not judged in a minute.
    """
    found = []
    for file in files:
        started = perf_counter()
        installation.enqueue([file], Lane.INTERACTIVE)
        while not _is_judged(installation, file):
            if perf_counter() - started > _TIMEOUT:
                raise WorkerError(f"{file} was not judged in {_TIMEOUT:g} seconds")
            sleep(_ASKED_EVERY)
        found.append(perf_counter() - started)
    return found[_WARM_UP:]


def _is_judged(installation: Installation, file: Path) -> bool:
    with installation.database.reading() as session:
        state = session.scalar(select(Upload.state).where(Upload.key == str(file)))
    if state == UploadState.FAILED:
        raise WorkerError(f"the worker failed {file}")
    return state == UploadState.JUDGED


def measure(
    installation: Installation, files: Sequence[Path], bulk: Sequence[Path]
) -> Iterator[tuple[str, list[float]]]:
    """Seconds of each upload, in each situation."""
    for name, lanes, is_busy in (
        ("idle", ("both",), False),
        ("a bulk run in another worker", ("interactive", "bulk"), True),
        ("a bulk run in the same worker", ("both",), True),
    ):
        installation.forget_uploads()
        with ExitStack() as stack:
            workers = [stack.enter_context(run_worker(installation, lane)) for lane in lanes]
            _warm_up(installation, workers[0], files[0])
            if is_busy:
                stack.enter_context(bulk_load(installation, bulk))
                sleep(2)
            yield name, latencies(installation, files[1:])


def _warm_up(installation: Installation, worker: WorkerProcess, file: Path) -> None:
    installation.enqueue([file], Lane.INTERACTIVE)
    worker.wait(lambda: _is_judged(installation, file))


def main(
    uploads: Annotated[int, typer.Option(min=20, help="In each situation.")] = 300,
    corpus: CorpusFolder = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")] = False,
) -> None:
    """Measure milliseconds from enqueueing one upload to the commit of its verdict."""
    rows = []
    count = uploads + _WARM_UP + 1
    try:
        with progress("measuring") as advance, install(corpus) as installation:
            files = take_corpus(corpus, installation.folder, count, fewest=count)
            for done, (name, seconds) in enumerate(measure(installation, files, files[:64])):
                advance(done + 1, 3)
                shown = np.percentile(seconds, [50, 90, 99, 100]) * 1000
                rows.append((name, *(f"{value:.1f}" for value in shown)))
    except NophotoError as error:
        print_error(error)
        raise typer.Exit(1) from error
    table = Table(
        f"From enqueueing one upload to the commit of its verdict, ms, over {uploads:,} each",
        ("System", "p50", "p90", "p99", "Longest"),
        rows,
        (
            "The database is asked every 2 ms by what enqueues, on the same processors. "
            "A worker of both lanes ends its chunk of bulk work first.",
        ),
    )
    show([table], machine.facts(), as_json=as_json)


if __name__ == "__main__":
    typer.run(main)
