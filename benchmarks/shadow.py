"""What a version in the shadow costs: photos per second, and how long one upload takes.

`python -m benchmarks.shadow` measures a real worker from enqueueing to the last commit, with and
without a shadow run, in alternation. With one, the time ends when the shadow has followed as well:
what it puts off is not given away. Then it enqueues pictures one by one while another worker is
kept busy by the bulk lane, with and without.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep
from typing import Annotated

import numpy as np
import typer
from sqlalchemy import func, select

from benchmarks import machine
from benchmarks.change_over import make_version
from benchmarks.corpus import CorpusFolder, take_corpus
from benchmarks.end_to_end import finish
from benchmarks.installation import Installation, install
from benchmarks.latency import latencies
from benchmarks.loads import bulk_load, copies_of
from benchmarks.spread import Spread
from benchmarks.table import Table, show
from benchmarks.worker_process import WorkerProcess, run_worker
from nophoto.jobs.cli.rendering.output import print_error, progress
from nophoto.jobs.versions.shadow import shadow_report, start_shadow, stop_shadow
from nophoto.models.errors import NophotoError
from nophoto.models.records.tables import Lane, Upload
from nophoto.models.records.versions import shadows
from nophoto.worker.broker.app import create_app
from nophoto.worker.broker.publisher import publish_shadow

_WARM = 64
"""Pictures that are judged before anything is measured, all of them in the shadow too."""

_SWEEP_SECONDS = 2.0
"""Between two steps of the shadow, so that a measurement of some seconds has several."""

_ASKED_EVERY = 0.05
"""Seconds."""

_BAR = 0.12
"""Share of the throughput that a shadow of a tenth may cost."""


def throughput(
    installation: Installation,
    worker: WorkerProcess,
    files: Sequence[Path],
    version: str | None,
    share: float,
) -> float:
    """Photos/s from enqueueing to the last commit, that of the shadow included.

    Args:
        installation: its database knows none of the files.
        worker: of both lanes.
        files: of different bytes.
        version: judges in the shadow; None for none.
        share: of the uploads that it judges.
    """
    if version is not None:
        start_shadow(installation.database, version, share, "benchmark")
    started = monotonic()
    installation.enqueue(files)
    finished = finish(installation, worker)
    if version is not None:
        # At once, rather than with the next sweep, for which nothing would be done.
        publish_shadow(create_app(installation.settings), _SWEEP_SECONDS)
        worker.wait(lambda: _has_followed(installation))
        finished = monotonic()
        stop_shadow(installation.database, "benchmark")
    return len(files) / (finished - started)


def _has_followed(installation: Installation) -> bool:
    with installation.database.reading() as session:
        shadow = shadows.current_shadow(session)
        newest = session.scalar(select(func.max(Upload.judged_at)))
    assert shadow is not None
    assert newest is not None
    return bool(shadow.followed_to >= newest)


@contextmanager
def _shadow(installation: Installation, version: str | None, share: float) -> Iterator[None]:
    if version is not None:
        start_shadow(installation.database, version, share, "benchmark")
    yield
    if version is not None:
        stop_shadow(installation.database, "benchmark")


def _throughputs(
    installation: Installation,
    take: Callable[[int], list[Path]],
    version: str,
    share: float,
    pictures: int,
    rounds: int,
) -> tuple[list[float], list[float]]:
    """Photos/s of each round without and with a shadow, whose order alternates."""
    without: list[float] = []
    beside: list[float] = []
    with run_worker(installation) as worker:
        throughput(installation, worker, take(_WARM), version, 1.0)
        for number in range(rounds):
            for is_beside in (number % 2 == 1, number % 2 == 0):
                files = take(pictures)
                rate = throughput(
                    installation, worker, files, version if is_beside else None, share
                )
                (beside if is_beside else without).append(rate)
    return without, beside


def _latencies(
    installation: Installation,
    take: Callable[[int], list[Path]],
    version: str,
    share: float,
    uploads: int,
) -> Iterator[tuple[str, list[float]]]:
    """Seconds of each of so many uploads beside a bulk run, without and with a shadow."""
    with ExitStack() as stack:
        for lane in (Lane.INTERACTIVE, Lane.BULK):
            stack.enter_context(run_worker(installation, lane))
        stack.enter_context(bulk_load(installation, take(_WARM)))
        sleep(5)
        for name, beside in (("a bulk run", None), ("a bulk run and a shadow", version)):
            with _shadow(installation, beside, share):
                yield name, latencies(installation, take(uploads))


def main(
    pictures: Annotated[int, typer.Option(min=100, help="Uploads of one measurement.")] = 1_500,
    rounds: Annotated[int, typer.Option(min=1, help="Each measures both.")] = 4,
    share: Annotated[float, typer.Option(min=0.01, max=1, help="That the shadow judges.")] = 0.1,
    uploads: Annotated[int, typer.Option(min=20, help="One by one, in each situation.")] = 300,
    corpus: CorpusFolder = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")] = False,
) -> None:
    """Measure what a shadow run costs: photos/s with and without, and milliseconds of an upload."""
    try:
        with progress("measuring"), install(corpus) as at_first:
            settings = at_first.settings.model_copy(update={"sweep_seconds": _SWEEP_SECONDS})
            installation = replace(at_first, settings=settings)
            files = take_corpus(corpus, installation.folder, pictures, fewest=100)
            copies = copies_of(installation.folder / "copies", files)
            version = make_version(installation, 0)

            def take(count: int) -> list[Path]:
                return [next(copies) for _ in range(count)]

            without, beside = _throughputs(installation, take, version, share, pictures, rounds)
            report = shadow_report(installation.database)
            rows = [
                (name, *(f"{value * 1000:.0f}" for value in np.percentile(found, [50, 99])))
                for name, found in _latencies(installation, take, version, share, uploads)
            ]
    except NophotoError as error:
        print_error(error)
        raise typer.Exit(1) from error
    costs = Spread.of([1 - b / w for w, b in zip(without, beside, strict=True)])
    compared = report.tally.compared if report else 0
    tables = [
        Table(
            f"Throughput without and with {share:.0%} in the shadow, {rounds} rounds",
            ("", "Median (lowest–highest)"),
            [
                ("without, photos/s", Spread.of(without).shown()),
                ("with, photos/s", Spread.of(beside).shown()),
                ("costs", costs.shown("{:.1%}")),
                ("may cost", f"{_BAR:.0%}"),
            ],
            (
                f"{pictures:,} pictures each, of which the shadow compared {compared:,} the last "
                "time. A round's two measurements follow each other, their order alternates.",
            ),
        ),
        Table(f"One upload of {uploads:,}, ms, beside", ("", "p50", "p99"), rows),
    ]
    show(tables, machine.facts(), as_json=as_json)


if __name__ == "__main__":
    typer.run(main)
