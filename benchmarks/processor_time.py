"""Where the processors' time for one photo goes: worker, decoders, servers, this benchmark itself.

`python -m benchmarks.processor_time` judges a corpus with a real worker and reads from the kernel
how much every process, and every thread of the network, has used. Beside it stand the network and
decoding alone. Unlike photos a second, these figures hardly change when others use the machine.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from time import monotonic, process_time
from typing import Annotated

import numpy as np
import psutil
import typer

from benchmarks import machine
from benchmarks.bars import Panel, PlotFile, draw_bars
from benchmarks.corpus import CorpusFolder, take_corpus
from benchmarks.end_to_end import finish
from benchmarks.installation import Installation, install
from benchmarks.large_pictures import make_large_corpus
from benchmarks.table import Table, show
from benchmarks.worker_process import run_worker
from nophoto.jobs.cli.rendering.output import print_error, progress
from nophoto.models.errors import NophotoError
from nophoto.models.processors import processors
from nophoto.models.vision.pictures.prepare import load
from nophoto.models.vision.versions import shipped_version
from nophoto.worker.inference.network import open_network

_SAMPLE = 128
_PASSES = 5
_WARM = 64
"""Pictures that are judged before anything is measured."""

WORK = (
    "network's threads",
    "decoding processes",
    "Python of the worker's child",
    "Celery's parent",
    "PostgreSQL",
    "Valkey",
    "this benchmark",
)


def used(worker: int, folder: Path) -> dict[str, float]:
    """Seconds of processor time that each part has used since it started.

    Args:
        worker: the id of the process of `nophoto worker`.
        folder: of the servers.
    """
    found = dict.fromkeys(WORK, 0.0)
    parent = psutil.Process(worker)
    found["Celery's parent"] = _own(parent)
    for child in parent.children():
        threads = {thread.id: thread.user_time + thread.system_time for thread in child.threads()}
        network = sum(sorted((t for i, t in threads.items() if i != child.pid))[-processors() :])
        found["network's threads"] += network
        found["Python of the worker's child"] += _own(child) - network
        found["decoding processes"] += sum(map(_own, child.children()))
    found["this benchmark"] = _own(psutil.Process())
    for process in psutil.process_iter(["name", "cmdline"]):
        if str(folder) not in " ".join(process.info["cmdline"] or ()):
            continue
        name = process.info["name"] or ""
        for server, begins in (("PostgreSQL", "postgres"), ("Valkey", "valkey")):
            if name.startswith(begins):
                found[server] += _family(process)
    return found


def _family(process: psutil.Process) -> float:
    ended = process.cpu_times()
    children = sum(map(_own, process.children()))
    return _own(process) + children + float(ended.children_user + ended.children_system)


def _own(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)


def measure(installation: Installation, files: Sequence[Path], rounds: int) -> dict[str, float]:
    """Microseconds of processor time a photo, the median of `rounds`, by part."""
    network = open_network(shipped_version(), installation.settings)
    size = network.input_size
    data = [file.read_bytes() for file in files[:_SAMPLE]]
    tensors = np.stack([load(picture, size) for picture in data])
    columns: dict[str, list[float]] = {}
    for _ in range(rounds):
        installation.forget_uploads()
        installation.enqueue(files[:_WARM])
        with run_worker(installation) as worker:
            finish(installation, worker)
            before, started = used(worker.pid, installation.folder), monotonic()
            installation.enqueue(files)
            wall = finish(installation, worker) - started
            after = used(worker.pid, installation.folder)
        photos = len(files) - _WARM
        row = {name: (after[name] - before[name]) / photos for name in WORK}
        row["all of it"] = sum(row.values())
        row["the network alone"] = _alone(lambda: network.engine.embed(tensors), len(data))
        row["decoding alone"] = _alone(lambda: [load(picture, size) for picture in data], len(data))
        row["from start to end, all processors"] = processors() * wall / photos
        for name, value in row.items():
            columns.setdefault(name, []).append(value * 1e6)
    return {name: median(values) for name, values in columns.items()}


def _alone(step: Callable[[], object], photos: int) -> float:
    started = process_time()
    for _ in range(_PASSES):
        step()
    return (process_time() - started) / photos / _PASSES


def _table(found: Mapping[str, float], title: str) -> Table:
    floor = found["the network alone"] + found["decoding alone"]
    rows = [(name, f"{value:,.0f}", f"{value / floor:.1%}") for name, value in found.items()]
    return Table(title, ("", "µs a photo", "of network and decoding alone"), rows)


def main(
    pictures: Annotated[int, typer.Option(min=_WARM + 1, help="Of one round.")] = 1_500,
    rounds: Annotated[int, typer.Option(min=1, help="Their median is shown.")] = 3,
    megapixels: Annotated[
        float, typer.Option(min=0, help="Of JPEGs as cameras make them; 0: 250 to 500 pixels wide.")
    ] = 0,
    corpus: CorpusFolder = None,
    plot: PlotFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")] = False,
) -> None:
    """Measure the processor time that each part takes for one photo."""
    try:
        with progress("measuring"), install(corpus) as installation:
            if megapixels and not corpus:
                files = make_large_corpus(installation.folder, pictures, megapixels)
                kind = f"JPEGs of {megapixels:g} megapixels"
            else:
                files = take_corpus(corpus, installation.folder, pictures, fewest=_WARM + 1)
                kind = str(corpus or "JPEGs of 250 to 500 pixels")
            found = measure(installation, files, rounds)
    except NophotoError as error:
        print_error(error)
        raise typer.Exit(1) from error
    title = f"Processor time, {kind}"
    if plot:
        draw_bars([Panel("processor time, µs a photo", found)], plot)
    show([_table(found, title)], machine.facts(), as_json=as_json)


if __name__ == "__main__":
    typer.run(main)
