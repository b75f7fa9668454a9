"""From enqueueing to the last commit with a real worker, beside its parts, each in every round.

`python -m benchmarks.end_to_end` starts PostgreSQL and Valkey, makes a corpus, and measures in
turn what the parts would give alone: the network on ready tensors, and decoding. Run it on a
machine that does nothing else: other work slows several processes otherwise than one.
"""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic
from typing import Annotated

import numpy as np
import typer
from sqlalchemy import func, select

from benchmarks import machine
from benchmarks.bars import Panel, PlotFile, draw_bars
from benchmarks.corpus import CorpusFolder, take_corpus
from benchmarks.installation import Installation, install
from benchmarks.large_pictures import make_large_corpus
from benchmarks.rates import decoding_rate, engine_rate
from benchmarks.spread import Spread
from benchmarks.table import Table, show
from benchmarks.worker_process import WorkerError, WorkerProcess, run_worker
from nophoto.jobs.cli.rendering.output import print_error, progress
from nophoto.models.errors import NophotoError
from nophoto.models.records.tables import Upload, UploadState
from nophoto.models.records.tables.uploads import IS_OPEN
from nophoto.models.vision.pictures.prepare import load
from nophoto.models.vision.versions import shipped_version
from nophoto.worker.inference.network import open_network

_WARM = 32
"""Pictures that are judged before anything is measured."""

_SAMPLE = 256
"""Pictures of the corpus that the parts are measured with."""

_SECONDS = 3.0
"""For one part in one round; end to end takes what the pictures take."""

_ASKED_AFTER = 1 / 4_000
"""Seconds for each upload that is left: asking takes processor time from what is measured, and the
last ones are not judged before."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured, each with its spread over the rounds.

    Attributes:
        end_to_end: photos/s from enqueueing to the last commit.
        engine: photos/s of the network on ready tensors.
        decoding: photos/s from bytes to tensors, in as many threads as the worker has.
        decoding_one_thread: the same in one.
        bound: photos/s that two cores could give, 1 / (1 / engine + 1 / decoding).
        of_engine: end to end / engine, within a round.
        of_bound: end to end / bound, within a round.
        first_verdict: seconds from starting the worker to the first commit of a verdict.
        resident: bytes, the worker and its children together, at most.
        other_work: the share of the processors that others used before or after the round; where
            it is not close to 0, the figures say little.
    """

    end_to_end: Spread
    engine: Spread
    decoding: Spread
    decoding_one_thread: Spread
    bound: Spread
    of_engine: Spread
    of_bound: Spread
    first_verdict: Spread
    resident: Spread
    other_work: Spread


def measure(
    installation: Installation,
    files: Sequence[Path],
    rounds: int,
    on_progress: Callable[[int, int], None] = lambda *_: None,
) -> Figures:
    """Measure `rounds` times, the steps in turn.

    Raises:
        WorkerError: if the worker stops, or fails a picture.
    """
    settings = installation.settings
    network = open_network(shipped_version(), settings)
    data = [file.read_bytes() for file in files[:: -(-len(files) // _SAMPLE)]]
    tensors = np.stack([load(picture, network.input_size) for picture in data])
    columns: dict[str, list[float]] = {name: [] for name in Figures.__dataclass_fields__}
    for done in range(rounds):
        on_progress(done, rounds)
        busy = machine.other_work()
        installation.forget_uploads()
        installation.enqueue(files[:1])
        with run_worker(installation) as worker:
            first_verdict = finish(installation, worker) - worker.started
            # Until every decoding process has started, which is no part of the flow.
            installation.enqueue(files[:_WARM])
            finish(installation, worker)
            # Before and after, since a machine's mood changes.
            engine = engine_rate(network.engine, tensors, _SECONDS / 2)
            started = monotonic()
            # What is known is left as it is: those first pictures are not judged twice.
            installation.enqueue(files)
            end_to_end = (len(files) - _WARM) / (finish(installation, worker) - started)
            engine = (engine + engine_rate(network.engine, tensors, _SECONDS / 2)) / 2
            size, threads = network.input_size, settings.thread_count
            decoding = decoding_rate(data, size, threads, _SECONDS / 2)
            one_thread = decoding_rate(data, size, 1, _SECONDS / 2)
        bound = 1 / (1 / engine + 1 / decoding)
        for name, value in {
            "end_to_end": end_to_end,
            "engine": engine,
            "decoding": decoding,
            "decoding_one_thread": one_thread,
            "bound": bound,
            "of_engine": end_to_end / engine,
            "of_bound": end_to_end / bound,
            "first_verdict": first_verdict,
            "resident": float(worker.peak),
            "other_work": max(busy, machine.other_work()),
        }.items():
            columns[name].append(value)
    return Figures(**{name: Spread.of(values) for name, values in columns.items()})


def finish(installation: Installation, worker: WorkerProcess) -> float:
    """Wait for every outcome and return when the last was there."""
    due = 0.0

    def is_done() -> bool:
        nonlocal due
        if monotonic() < due:
            return False
        with installation.database.reading() as session:
            left = session.scalar(select(func.count()).select_from(Upload).where(IS_OPEN))
        due = monotonic() + (left or 0) * _ASKED_AFTER
        return not left

    worker.wait(is_done)
    finished = monotonic()
    with installation.database.reading() as session:
        failure = session.scalar(
            select(Upload.failure_message).where(Upload.state == UploadState.FAILED).limit(1)
        )
    if failure:
        raise WorkerError(f"the worker failed a picture: {failure}")
    return finished


def _table(figures: Figures, title: str) -> Table:
    rows = []
    for name, spread, form, unit in (
        ("end to end, photos/s", figures.end_to_end, "{:.1f}", 1),
        ("bare engine, photos/s", figures.engine, "{:.1f}", 1),
        ("decoding, photos/s", figures.decoding, "{:.1f}", 1),
        ("decoding in one thread, photos/s", figures.decoding_one_thread, "{:.1f}", 1),
        ("bound of engine and decoding, photos/s", figures.bound, "{:.1f}", 1),
        ("end to end / engine", figures.of_engine, "{:.1%}", 1),
        ("end to end / bound", figures.of_bound, "{:.1%}", 1),
        ("start to first verdict, s", figures.first_verdict, "{:.2f}", 1),
        ("worker resident at most, MB", figures.resident, "{:.0f}", 1e6),
        ("processors busy with other work", figures.other_work, "{:.0%}", 1),
    ):
        values = (spread.median, spread.lowest, spread.highest)
        rows.append((name, *(form.format(value / unit) for value in values)))
    return Table(title, ("", "Median", "Lowest", "Highest"), rows)


def _panel(figures: Figures) -> Panel:
    shown = {
        "end to end": figures.end_to_end,
        "bound of both": figures.bound,
        "bare engine": figures.engine,
        "decoding": figures.decoding,
    }
    return Panel.of("photos/s, median and range", shown)


def main(
    pictures: Annotated[int, typer.Option(min=_WARM + 1, help="Uploads of one round.")] = 3_000,
    rounds: Annotated[int, typer.Option(min=1, help="Each measures everything once.")] = 3,
    megapixels: Annotated[
        float, typer.Option(min=0, help="Of JPEGs as cameras make them; 0: 250 to 500 pixels wide.")
    ] = 0,
    corpus: CorpusFolder = None,
    plot: PlotFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")] = False,
) -> None:
    """Measure photos per second from enqueueing to the last commit, and the worker's memory."""
    facts = machine.facts()
    try:
        with progress("measuring") as advance, install(corpus) as installation:
            folder = installation.folder
            if megapixels and not corpus:
                files = make_large_corpus(folder, pictures, megapixels)
                kind = f"JPEGs of {megapixels:g} megapixels, made"
            else:
                files = take_corpus(corpus, folder, pictures, fewest=_WARM + 1)
                kind = str(corpus or "JPEGs of 250 to 500 pixels, made")
            facts |= {
                "corpus": f"{len(files):,} pictures, {kind}",
                "network": open_network(shipped_version(), installation.settings).version.id,
            }
            figures = measure(installation, files, rounds, on_progress=advance)
    except NophotoError as error:
        print_error(error)
        raise typer.Exit(1) from error
    if plot:
        draw_bars([_panel(figures)], plot)
    table = _table(figures, f"End to end, {facts['corpus']}")
    if as_json:
        found = {"figures": asdict(figures), "tables": [asdict(table)], "facts": facts}
        json.dump(found, sys.stdout)
    else:
        show([table], facts, as_json=False)


if __name__ == "__main__":
    typer.run(main)
