"""What decoding in processes of their own costs: the same loader in this process beside it.

`python -m benchmarks.isolation` counts processor time, which other work on the machine disturbs
less than it does a clock, of this process and of the decoding process together, both ways in turn
in every round. The start of a decoding process, once in a worker's life, is not in it.
"""

import statistics
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import numpy as np
import psutil
import typer
from numpy.typing import NDArray

from benchmarks import machine
from benchmarks.corpus import CorpusFolder, take_corpus
from benchmarks.table import Table, show
from nophoto.jobs.cli.rendering.output import print_error, progress
from nophoto.models.errors import NophotoError
from nophoto.models.vision.pictures.prepare import load
from nophoto.models.vision.versions import shipped_version
from nophoto.worker.decoding.pool import decoders_of
from nophoto.worker.inference.network import open_network
from nophoto.worker.settings import Settings

Pixels = NDArray[np.uint8]

_WARM_UP = 8
"""Pictures."""


def measure(files: Sequence[bytes], size: int, rounds: int) -> dict[str, list[float]]:
    """Milliseconds of processor time a picture, of every round, by what was done."""
    settings = Settings(_env_file=None)
    network = open_network(shipped_version(), settings)
    decoders = decoders_of(settings)
    pixels = [load(data, size) for data in files]
    ways: dict[str, Callable[[int], object]] = {
        "here": lambda place: load(files[place], size),
        "isolated": lambda place: decoders.load(files[place], size),
        "network": lambda place: network.embed(pixels[place][np.newaxis]),
    }
    found: dict[str, list[float]] = {name: [] for name in ways}
    for work in ways.values():
        for place in range(min(_WARM_UP, len(files))):
            work(place)
    with progress("measuring") as advance:
        for done in range(rounds):
            advance(done, rounds)
            for name, work in ways.items():
                before = _processor_time()
                for place in range(len(files)):
                    work(place)
                found[name].append((_processor_time() - before) / len(files) * 1000)
    return found


def table(found: dict[str, list[float]], name: str, count: int) -> Table:
    """The figures of `measure`."""
    here, isolated, network = (statistics.median(found[way]) for way in found)
    differences = [b - a for a, b in zip(found["here"], found["isolated"], strict=True)]
    cost = statistics.median(differences)
    rows = [
        ("decoding in the worker", f"{here:.2f}"),
        ("decoding in a process of its own", f"{isolated:.2f}"),
        ("the difference", f"{cost:.2f}"),
        ("the network", f"{network:.2f}"),
        ("the difference, of decoding and network", f"{cost / (here + network):.1%}"),
    ]
    return Table(
        f"What isolation costs, {name}",
        ("A picture", "ms of processor time"),
        rows,
        [
            f"Medians of {len(differences)} rounds of {count:,} pictures; the difference was "
            f"{min(differences):.2f} to {max(differences):.2f} ms in a round. A worker also reads, "
            "compares and writes, so that the share of all it does is smaller."
        ],
    )


def main(
    pictures: Annotated[int, typer.Option(min=1, help="In every round.")] = 600,
    rounds: Annotated[int, typer.Option(min=1)] = 7,
    corpus: CorpusFolder = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")] = False,
) -> None:
    """Measure the processor time of decoding in a process of its own and in the worker's."""
    try:
        with TemporaryDirectory() as folder:
            paths = take_corpus(corpus, Path(folder), pictures)
            files = [path.read_bytes() for path in paths]
        found = measure(files, 224, rounds)
    except NophotoError as error:
        print_error(error)
        raise typer.Exit(1) from error
    name = f"{'given' if corpus else 'made'} files of {np.mean([*map(len, files)]) / 1000:.0f} KB"
    tables = [table(found, name, len(files))]
    show(tables, machine.facts(), as_json=as_json)


def _processor_time() -> float:
    me = psutil.Process()
    times = [process.cpu_times() for process in (me, *me.children())]
    return float(sum(time.user + time.system for time in times))


if __name__ == "__main__":
    typer.run(main)
