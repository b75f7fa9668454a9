"""How sure known references are found after what happens to pictures on their way."""

import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated
from zlib import crc32

import numpy as np
import typer
from numpy.typing import NDArray

from benchmarks import machine
from benchmarks.known_pictures import find_known, register_version
from benchmarks.shares import share
from nophoto.jobs.cli.rendering.output import print_error, progress, stdout
from nophoto.models.errors import NophotoError
from nophoto.models.processors import processors
from nophoto.models.vision.engines import Engine, load_engine
from nophoto.models.vision.evaluation import Rate, threshold_at
from nophoto.models.vision.matching import nearest_references
from nophoto.models.vision.pictures import decode, load, prepare
from nophoto.models.vision.references import shipped_references
from nophoto.models.vision.training.augmentation.promised import SINGLE, TRIPLE
from nophoto.models.vision.versions import open_version, shipped_version

RATE = 0.001
"""False alarms at which references must be found."""

_MADE = 3_000
_BATCH = 256


def changed(task: tuple[str, int, bytes], size: int) -> NDArray[np.uint8]:
    """A reference after one change, as the network takes it, (size, size, 3).

    Args:
        task: the change's name, the seed of its chance, and the reference's file.
        size: height and width.
    """
    name, seed, data = task
    change = {**SINGLE, **TRIPLE}[name]
    image = decode(data, at_least=256)
    rng = np.random.default_rng([seed, crc32(name.encode())])
    return prepare(change(image, rng), size)


def found_after(
    name: str,
    files: Sequence[bytes],
    repeats: int,
    engine: Engine,
    size: int,
    references: NDArray[np.float32],
    threshold: float,
    processes: ProcessPoolExecutor,
) -> NDArray[np.bool_]:
    """Whether each reference is found in each of `repeats` tries of a change: (n, repeats)."""
    tasks = [
        (name, place * repeats + repeat, data)
        for place, data in enumerate(files)
        for repeat in range(repeats)
    ]
    pixels = processes.map(partial(changed, size=size), tasks, chunksize=16)
    similarities = [
        nearest_references(engine.embed(batch), references)[0] for batch in _batches(pixels)
    ]
    return (np.concatenate(similarities) >= threshold).reshape(len(files), repeats)


def _batches(pixels: Iterator[NDArray[np.uint8]]) -> Iterator[NDArray[np.uint8]]:
    batch: list[NDArray[np.uint8]] = []
    for one in pixels:
        batch.append(one)
        if len(batch) == _BATCH:
            yield np.stack(batch)
            batch.clear()
    if batch:
        yield np.stack(batch)


def main(
    corpus: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DIR",
            help="Holds placeholder/, whose pictures become references too, and real/, by which "
            "the threshold is set. Without it real pictures are made.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    repeats: Annotated[int, typer.Option(min=1, help="Tries of a triple change.")] = 4,
    model_version: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Another version than the shipped one.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")] = False,
) -> None:
    """Measure how many known references are found at 0.1 % false alarms after each change."""
    try:
        version = open_version(model_version) if model_version else shipped_version()
        engine, size = load_engine(version), version.manifest.input_size
        names = [reference.name for reference in shipped_references()]
        files = [reference.data for reference in shipped_references()]
        found: dict[str, NDArray[np.bool_]] = {}
        with (
            tempfile.TemporaryDirectory(prefix="nophoto-") as folder,
            ProcessPoolExecutor(processors(), get_context("spawn")) as processes,
            progress("changing references") as advance,
        ):
            known = find_known(corpus) if corpus else register_version(Path(folder), _MADE)
            if corpus:
                names += [file.name for file in known.placeholders]
                files += [file.read_bytes() for file in known.placeholders]
            references = engine.embed(np.stack([load(data, size) for data in files]))
            real = np.concatenate(
                [
                    nearest_references(engine.embed(batch), references)[0]
                    for batch in _batches(load(file.read_bytes(), size) for file in known.real)
                ]
            )
            threshold = threshold_at(real, RATE)
            changes = {**dict.fromkeys(SINGLE, 1), **dict.fromkeys(TRIPLE, repeats)}
            for done, (name, count) in enumerate(changes.items()):
                advance(done, len(changes))
                found[name] = found_after(
                    name, files, count, engine, size, references, threshold, processes
                )
    except NophotoError as error:
        print_error(error)
        raise typer.Exit(1) from error
    facts = machine.facts() | {
        "network": f"{version.id}, threshold {threshold:.4f}",
        "references": f"{len(files):,}",
        "threshold by": f"{len(real):,} real pictures at {RATE:.1%}; {known.name}",
    }
    rates = {name: Rate(int(tries.sum()), tries.size) for name, tries in found.items()}
    if as_json:
        shares = {name: [rate.hits, rate.total] for name, rate in rates.items()}
        json.dump({"found": shares, "facts": facts}, sys.stdout, indent=2)
        return
    lost = {
        change: [name for name, tries in zip(names, found[change], strict=True) if not tries.all()]
        for change in SINGLE
    }
    _print(rates, lost, facts)


def _print(rates: dict[str, Rate], lost: dict[str, list[str]], facts: dict[str, str]) -> None:
    from rich.table import Table

    table = Table("Change", "Found (95 % interval)", "Of")
    for name, rate in rates.items():
        table.add_row(name, share(rate), f"{rate.hits:,}/{rate.total:,}")
    stdout().print(table)
    for change, references in lost.items():
        if references:
            stdout().print(f"lost when {change}: {', '.join(references)}", soft_wrap=True)
    for name, value in facts.items():
        stdout().print(f"{name:<12} {value}", soft_wrap=True)


if __name__ == "__main__":
    typer.run(main)
