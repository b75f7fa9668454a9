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
from benchmarks.corpus import find_corpus, make_corpus
from benchmarks.installation import Installation, install
from benchmarks.rates import decoding_rate, engine_rate
from benchmarks.spread import Spread
from benchmarks.worker_process import WorkerError, WorkerProcess, run_worker
from jobs.cli.output import print_error, progress, stdout
from models.errors import NophotoError
from models.records.tables import Upload, UploadState
from models.records.tables.uploads import IS_OPEN
from models.vision.pictures import load
from models.vision.versions import SHIPPED
from worker.network import open_network

_SAMPLE = 256
"""Pictures of the corpus that the parts are measured with."""

_SECONDS = 3.0
"""For one part in one round; end to end takes what the pictures take."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured, each with its spread over the rounds.

    Attributes:
        end_to_end: photos/s from enqueueing to the last commit.
        engine: photos/s of the network on ready tensors.
        decoding: photos/s from bytes to tensors, in as many threads as the worker has.
        decoding_one_thread: the same in one.
        of_engine: end to end / engine, within a round.
        of_bound: end to end / (1 / (1 / engine + 1 / decoding)), within a round.
        first_verdict: seconds from starting the worker to the first commit of a verdict.
        resident: bytes, the worker and its children together, at most.
        other_work: the share of the processors that others used before or after the round; where
            it is not close to 0, the figures say little.
    """

    end_to_end: Spread
    engine: Spread
    decoding: Spread
    decoding_one_thread: Spread
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
    network = open_network(SHIPPED, settings)
    data = [file.read_bytes() for file in files[:: -(-len(files) // _SAMPLE)]]
    tensors = np.stack([load(picture, network.input_size) for picture in data])
    columns: dict[str, list[float]] = {name: [] for name in Figures.__dataclass_fields__}
    for done in range(rounds):
        on_progress(done, rounds)
        busy = machine.other_work()
        installation.forget_uploads()
        installation.enqueue(files[:1])
        with run_worker(installation) as worker:
            first_verdict = _finish(installation, worker) - worker.started
            # Before and after, since a machine's mood changes.
            engine = engine_rate(network.engine, tensors, _SECONDS / 2)
            started = monotonic()
            # What is known is left as it is: the first picture is not judged twice.
            installation.enqueue(files)
            end_to_end = (len(files) - 1) / (_finish(installation, worker) - started)
            engine = (engine + engine_rate(network.engine, tensors, _SECONDS / 2)) / 2
            size, threads = network.input_size, settings.thread_count
            decoding = decoding_rate(data, size, threads, _SECONDS / 2)
            one_thread = decoding_rate(data, size, 1, _SECONDS / 2)
        for name, value in {
            "end_to_end": end_to_end,
            "engine": engine,
            "decoding": decoding,
            "decoding_one_thread": one_thread,
            "of_engine": end_to_end / engine,
            "of_bound": end_to_end * (1 / engine + 1 / decoding),
            "first_verdict": first_verdict,
            "resident": float(worker.peak),
            "other_work": max(busy, machine.other_work()),
        }.items():
            columns[name].append(value)
    return Figures(**{name: Spread.of(values) for name, values in columns.items()})


def _finish(installation: Installation, worker: WorkerProcess) -> float:
    """Wait for every outcome and return when the last was there."""

    def is_done() -> bool:
        with installation.database.reading() as session:
            return not session.scalar(select(func.count()).select_from(Upload).where(IS_OPEN))

    worker.wait(is_done)
    finished = monotonic()
    with installation.database.reading() as session:
        failure = session.scalar(
            select(Upload.failure_message).where(Upload.state == UploadState.FAILED).limit(1)
        )
    if failure:
        raise WorkerError(f"the worker failed a picture: {failure}")
    return finished


def _print(figures: Figures, facts: dict[str, str]) -> None:
    from rich.table import Table

    table = Table("", "Median", "Lowest", "Highest", title="End to end", title_justify="left")
    for column in table.columns[1:]:
        column.justify = "right"
    for name, spread, form, unit in (
        ("end to end, photos/s", figures.end_to_end, "{:.1f}", 1),
        ("bare engine, photos/s", figures.engine, "{:.1f}", 1),
        ("decoding, photos/s", figures.decoding, "{:.1f}", 1),
        ("decoding in one thread, photos/s", figures.decoding_one_thread, "{:.1f}", 1),
        ("end to end / engine", figures.of_engine, "{:.1%}", 1),
        ("end to end / bound of engine and decoding", figures.of_bound, "{:.1%}", 1),
        ("start to first verdict, s", figures.first_verdict, "{:.2f}", 1),
        ("worker resident at most, MB", figures.resident, "{:.0f}", 1e6),
        ("processors busy with other work", figures.other_work, "{:.0%}", 1),
    ):
        values = (spread.median, spread.lowest, spread.highest)
        table.add_row(name, *(form.format(value / unit) for value in values))
    stdout().print(table)
    for name, value in facts.items():
        stdout().print(f"{name:<12} {value}", soft_wrap=True)


def main(
    pictures: Annotated[int, typer.Option(min=2, help="Uploads of one round.")] = 2_000,
    rounds: Annotated[int, typer.Option(min=1, help="Each measures everything once.")] = 5,
    corpus: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Take pictures from there.", exists=True, file_okay=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")] = False,
) -> None:
    """Measure photos per second from enqueueing to the last commit, and the worker's memory."""
    facts = machine.facts()
    roots = (str(corpus.resolve()),) if corpus else ()
    try:
        with progress("measuring") as advance, install(roots) as installation:
            files = (
                find_corpus(corpus, pictures)
                if corpus
                else make_corpus(installation.folder, pictures)
            )
            facts |= {
                "corpus": f"{len(files):,} pictures, {corpus or 'made'}",
                "network": open_network(SHIPPED, installation.settings).version.id,
            }
            figures = measure(installation, files, rounds, on_progress=advance)
    except NophotoError as error:
        print_error(error)
        raise typer.Exit(1) from error
    if as_json:
        json.dump({"figures": asdict(figures), "facts": facts}, sys.stdout, indent=2)
    else:
        _print(figures, facts)


if __name__ == "__main__":
    typer.run(main)
