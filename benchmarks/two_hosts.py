"""One worker host beside two, each with one core, and PostgreSQL and Valkey on hosts of their own.

`python -m benchmarks.two_hosts` makes the hosts as network namespaces of this machine, which takes
the rights to do so, and measures in turn what one and two workers judge and what the bare network
gives in one and two processes on the same cores. On fewer cores than workers and servers need, the
servers' share is taken from the workers, and two cores of one machine share memory and may share
their units: the bare network's ratio says how much of a missing double is the machine's.
"""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from sqlalchemy import func, select

from benchmarks import machine
from benchmarks.bars import Panel, PlotFile, draw_bars
from benchmarks.corpus import make_corpus
from benchmarks.hosts.network import hosts
from benchmarks.hosts.site import Site, SiteError, kill, open_site
from benchmarks.installation import forget_uploads
from benchmarks.rates import engine_rate
from benchmarks.spread import Spread
from benchmarks.table import Table, show
from nophoto.jobs.cli.rendering.output import Advance, print_error, progress
from nophoto.models.errors import NophotoError
from nophoto.models.processors import processors
from nophoto.models.records.tables import Score, Upload, UploadState
from nophoto.models.records.tables.uploads import IS_OPEN
from nophoto.models.vision.pictures.prepare import load
from nophoto.models.vision.versions import shipped_version
from nophoto.worker.inference.network import open_network
from nophoto.worker.settings import Settings

_WORKERS = ("worker-1", "worker-2")
_SETTINGS = {"NOPHOTO_THREADS": "1"}
_SAMPLE = 64
"""Pictures that the bare network is measured with."""

_SETTLED_AFTER = 5
"""The first fifth of the uploads is not measured: processes start, and caches fill."""

_BAR = 1.8
_BAR_CORES = len(_WORKERS) + 1
"""With fewer, workers and servers share them."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured, each with its spread over the rounds.

    Attributes:
        one_host: photos/s of one worker.
        two_hosts: photos/s of two workers.
        ratio: the second of the first, within a round.
        one_engine: photos/s of the network on ready tensors, in one process.
        two_engines: the same in two at a time.
        engine_ratio: the second of the first, within a round.
        other_work: the share of the processors that others used before or after the round.
    """

    one_host: Spread
    two_hosts: Spread
    ratio: Spread
    one_engine: Spread
    two_engines: Spread
    engine_ratio: Spread
    other_work: Spread


def measure(
    site: Site, cores: Sequence[int], count: int, rounds: int, seconds: float, advance: Advance
) -> Figures:
    """Measure `rounds` times, the steps in turn.

    Raises:
        SiteError: if a worker fails a picture, or takes too long.
    """
    columns: dict[str, list[float]] = {name: [] for name in Figures.__dataclass_fields__}
    size = shipped_version().manifest.input_size
    sample = sorted(site.pictures.iterdir())[:_SAMPLE]
    tensors = np.stack([load(file.read_bytes(), size) for file in sample])
    for done in range(rounds):
        advance(done, rounds)
        busy = machine.other_work()
        one_host = workers_rate(site, cores[:1], count)
        one_engine = engines_rate(cores[:1], tensors, seconds)
        two_hosts = workers_rate(site, cores, count)
        two_engines = engines_rate(cores, tensors, seconds)
        for name, value in {
            "one_host": one_host,
            "two_hosts": two_hosts,
            "ratio": two_hosts / one_host,
            "one_engine": one_engine,
            "two_engines": two_engines,
            "engine_ratio": two_engines / one_engine,
            "other_work": max(busy, machine.other_work()),
        }.items():
            columns[name].append(value)
    return Figures(**{name: Spread.of(values) for name, values in columns.items()})


def workers_rate(site: Site, cores: Sequence[int], count: int) -> float:
    """Photos per second of a worker on each of the cores, after the first of the uploads."""
    forget_uploads(site.database)
    workers = []
    for name, core in zip(_WORKERS, cores, strict=False):
        site.log(name).unlink(missing_ok=True)
        workers.append(site.start(name, "worker", core=core))
    try:
        for name in _WORKERS[: len(workers)]:
            site.wait_for_line(name, "judging by")
        site.run("backend", "enqueue", str(site.pictures))
        # Asking takes processor time from what is measured.
        site.wait(lambda: not _open_uploads(site), every=0.5)
    finally:
        for worker in workers:
            kill(worker)
    with site.database.reading() as session:
        failure = session.scalar(
            select(Upload.failure_message).where(Upload.state == UploadState.FAILED).limit(1)
        )
        if failure:
            raise SiteError(f"a worker failed a picture: {failure}")
        times = session.scalars(select(Score.at).order_by(Score.at)).all()
    settled = times[count // _SETTLED_AFTER]
    return sum(at > settled for at in times) / (times[-1] - settled).total_seconds()


def _open_uploads(site: Site) -> int:
    with site.database.reading() as session:
        return session.scalar(select(func.count()).select_from(Upload).where(IS_OPEN)) or 0


def engines_rate(cores: Sequence[int], tensors: NDArray[np.uint8], seconds: float) -> float:
    """Photos per second of the bare network in a process on each of the cores, all at a time."""
    with ExitStack() as stack:
        engines = [stack.enter_context(_engine(core, tensors, seconds)) for core in cores]
        for engine in engines:
            engine.recv()  # it is ready
        for engine in engines:
            engine.send(None)
        return sum(float(engine.recv()) for engine in engines)


@contextmanager
def _engine(core: int, tensors: NDArray[np.uint8], seconds: float) -> Iterator[Connection]:
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(
        target=_run_engine, args=(core, tensors, seconds, theirs), daemon=True
    )
    process.start()
    try:
        yield ours
    finally:
        process.terminate()
        process.join()


def _run_engine(core: int, tensors: NDArray[np.uint8], seconds: float, pipe: Connection) -> None:
    os.sched_setaffinity(0, {core})
    engine = open_network(shipped_version(), Settings(_env_file=None, threads=1)).engine
    engine.embed(tensors)
    pipe.send(None)
    pipe.recv()
    pipe.send(engine_rate(engine, tensors, seconds))


def _table(figures: Figures, count: int) -> Table:
    rows = []
    for name, spread, form in (
        ("one worker host, photos/s", figures.one_host, "{:.1f}"),
        ("two worker hosts, photos/s", figures.two_hosts, "{:.1f}"),
        ("two hosts / one", figures.ratio, "{:.2f}"),
        ("bare network in one process, photos/s", figures.one_engine, "{:.1f}"),
        ("bare network in two processes, photos/s", figures.two_engines, "{:.1f}"),
        ("two processes / one", figures.engine_ratio, "{:.2f}"),
        ("processors busy with other work", figures.other_work, "{:.0%}"),
    ):
        values = (spread.median, spread.lowest, spread.highest)
        rows.append((name, *(form.format(value) for value in values)))
    return Table(
        f"Two worker hosts of one core each, {count:,} pictures",
        ("", "Median", "Lowest", "Highest"),
        rows,
        (_judgement(figures),),
    )


def _judgement(figures: Figures) -> str:
    cores = processors()
    asked = f"At least {_BAR} is asked where {_BAR_CORES} cores or more are there"
    if cores >= _BAR_CORES:
        met = "met" if figures.ratio.median >= _BAR else "missed"
        return f"{asked}; here are {cores}, and it is {met}."
    return (
        f"{asked}. Here are {cores}, which the workers share with the servers; the bare network "
        f"comes to {figures.engine_ratio.median:.2f} on them without any."
    )


def _panel(figures: Figures) -> Panel:
    shown = {
        "one host": figures.one_host,
        "two hosts": figures.two_hosts,
        "bare, one process": figures.one_engine,
        "bare, two": figures.two_engines,
    }
    return Panel.of("photos/s, median and range", shown)


def main(
    pictures: Annotated[int, typer.Option(min=256, help="Uploads of one run.")] = 2_000,
    rounds: Annotated[int, typer.Option(min=1, help="Each measures everything once.")] = 3,
    seconds: Annotated[float, typer.Option(help="For the bare network in one round.")] = 5.0,
    plot: PlotFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")] = False,
) -> None:
    """Measure photos per second of one worker host and of two."""
    usable = sorted(os.sched_getaffinity(0))
    cores = [usable[place % len(usable)] for place in range(len(_WORKERS))]
    try:
        with (
            progress("measuring") as advance,
            hosts("database", "broker", *_WORKERS, "backend") as network,
            open_site(network, _SETTINGS) as site,
        ):
            make_corpus(site.pictures, pictures)
            site.run("backend", "db", "upgrade")
            figures = measure(site, cores, pictures, rounds, seconds, advance)
    except NophotoError as error:
        print_error(error)
        raise typer.Exit(1) from error
    if plot:
        draw_bars([_panel(figures)], plot)
    table, facts = _table(figures, pictures), machine.facts()
    if as_json:
        found = {"figures": asdict(figures), "tables": [asdict(table)], "facts": facts}
        json.dump(found, sys.stdout)
    else:
        show([table], facts, as_json=False)


if __name__ == "__main__":
    typer.run(main)
