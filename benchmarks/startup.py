"""How soon nophoto is there: the help, the first verdict, and its memory over many photos.

`python -m benchmarks.startup` runs the commands themselves.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer

from benchmarks import machine
from benchmarks.corpus import CorpusFolder, take_corpus
from benchmarks.end_to_end import finish
from benchmarks.installation import Installation, install
from benchmarks.spread import Spread
from benchmarks.table import Table, show
from benchmarks.worker_process import run_worker
from nophoto.jobs.cli.rendering.output import print_error, progress
from nophoto.models.errors import NophotoError


def help_seconds(rounds: int) -> list[float]:
    """Seconds of `nophoto --help`."""
    found = []
    for _ in range(rounds):
        started = perf_counter()
        subprocess.run(
            [sys.executable, "-m", "nophoto.jobs.cli", "--help"],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        found.append(perf_counter() - started)
    return found


def first_verdicts(installation: Installation, files: Sequence[Path], rounds: int) -> list[float]:
    """Seconds from starting a worker to the commit of its first verdict."""
    found = []
    for place in range(rounds):
        installation.enqueue(files[place : place + 1])
        with run_worker(installation) as worker:
            found.append(finish(installation, worker) - worker.started)
    return found


def memory(
    installation: Installation, files: Sequence[Path], steps: int
) -> Iterator[tuple[int, int]]:
    """Photos judged, and the bytes that the worker holds then, `steps` times over other bytes."""
    installation.forget_uploads()
    copies = installation.folder / "copies"
    copies.mkdir()
    with run_worker(installation) as worker:
        for step in range(steps):
            made = []
            for file in files:
                copy = copies / f"{step}-{file.name}"
                # Other bytes after the picture's end: the same ones would be embedded only once.
                copy.write_bytes(file.read_bytes() + os.fsencode(copy))
                made.append(copy)
            installation.enqueue(made)
            finish(installation, worker)
            yield (step + 1) * len(files), worker.resident()
            for copy in made:
                copy.unlink()


def main(
    photos: Annotated[int, typer.Option(min=10, help="For the memory.")] = 10_000,
    rounds: Annotated[int, typer.Option(min=1, help="Of each start.")] = 7,
    corpus: CorpusFolder = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")] = False,
) -> None:
    """Measure starts in seconds and the worker's memory in MB."""
    try:
        with progress("measuring") as advance, install(corpus) as installation:
            helps = Spread.of(help_seconds(rounds))
            advance(1, 3)
            files = take_corpus(corpus, installation.folder, max(10, photos // 10), fewest=rounds)
            firsts = Spread.of(first_verdicts(installation, files, rounds))
            advance(2, 3)
            held = list(memory(installation, files, 10))
    except NophotoError as error:
        print_error(error)
        raise typer.Exit(1) from error
    starts = [
        (name, *(f"{value:.2f}" for value in (spread.median, spread.lowest, spread.highest)))
        for name, spread in (
            ("`nophoto --help`", helps),
            ("start of a worker to its first verdict", firsts),
        )
    ]
    tables = [
        Table("Starts, s", ("What", "Median", "Lowest", "Highest"), starts),
        Table(
            "Memory of a worker with all its processes, what they share counted once",
            ("Photos judged", "Resident, MB"),
            [(f"{count:,}", f"{size / 1e6:.0f}") for count, size in held],
        ),
    ]
    show(tables, machine.facts(), as_json=as_json)


if __name__ == "__main__":
    typer.run(main)
