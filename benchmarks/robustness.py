"""How sure known references are found after what happens to pictures on their way."""

import json
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated
from zlib import crc32

import numpy as np
import typer
from numpy.typing import NDArray

from benchmarks import machine
from benchmarks.shares import share
from nophoto.jobs.cli.rendering.output import print_error, progress, stdout
from nophoto.models.errors import NophotoError
from nophoto.models.processors import processors
from nophoto.models.vision.engines import Engine, load_engine
from nophoto.models.vision.evaluation import Rate
from nophoto.models.vision.matching import nearest_references
from nophoto.models.vision.matching.kinds import kind_of_drawing
from nophoto.models.vision.matching.matcher import Matcher
from nophoto.models.vision.matching.reach import Exemplars, Fallback, Rules
from nophoto.models.vision.matching.sets import match
from nophoto.models.vision.pictures.decode import decode
from nophoto.models.vision.pictures.prepare import load, prepare
from nophoto.models.vision.references import shipped_references
from nophoto.models.vision.training.augmentation.promised import SINGLE, TRIPLE
from nophoto.models.vision.versions import (
    ModelVersionError,
    open_version,
    read_cohort,
    shipped_version,
)
from nophoto.models.vocabulary import DEFAULT_FALSE_POSITIVE_RATE, ReferenceScope

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


@dataclass(frozen=True, slots=True)
class Tries:
    """What became of changed copies of every reference, each (references, repeats).

    Attributes:
        found: whether a copy is called a placeholder.
        own: whether the nearest reference is the one that it is a copy of.
    """

    found: NDArray[np.bool_]
    own: NDArray[np.bool_]


def tries_of(
    name: str,
    files: Sequence[bytes],
    repeats: int,
    engine: Engine,
    size: int,
    matcher: Matcher,
    references: NDArray[np.float32],
    processes: ProcessPoolExecutor,
) -> Tries:
    """Change each reference `repeats` times, and judge the copies.

    Args:
        name: of the change.
        files: of the references.
        repeats: copies of each.
        engine: embeds.
        size: height and width of the pictures that it takes.
        matcher: of the references.
        references: their embeddings, (n, dimension).
        processes: make the copies.
    """
    tasks = [
        (name, place * repeats + repeat, data)
        for place, data in enumerate(files)
        for repeat in range(repeats)
    ]
    pixels = processes.map(partial(changed, size=size), tasks, chunksize=16)
    copies = np.concatenate([engine.embed(batch) for batch in _batches(pixels)])
    _, nearest = nearest_references(copies, references)
    shape = (len(files), repeats)
    own = nearest.reshape(shape) == np.arange(len(files))[:, None]
    return Tries(matcher.judge_all(copies).is_placeholder.reshape(shape), own)


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
    repeats: Annotated[int, typer.Option(min=1, help="Copies by three changes at once.")] = 4,
    rate: Annotated[
        float, typer.Option(help="Share of real pictures that may be flagged.")
    ] = DEFAULT_FALSE_POSITIVE_RATE,
    model_version: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Another version than the shipped one.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")] = False,
) -> None:
    """Measure how many of the shipped references are known again after each change.

    They are judged as a worker judges uploads, by reaches that the version's cohort sets.
    """
    try:
        version = open_version(model_version) if model_version else shipped_version()
        cohort = read_cohort(version)
        if not len(cohort):
            raise ModelVersionError(
                f"{version.id} has no cohort, so that its references have no reaches to judge by. "
                "Name another version"
            )
        engine, size = load_engine(version), version.manifest.input_size
        shipped = shipped_references()
        files = [reference.data for reference in shipped]
        references = engine.embed(np.stack([load(data, size) for data in files]))
        kinds = tuple(kind_of_drawing(reference.kind) for reference in shipped)
        exemplars = Exemplars(references, kinds, (ReferenceScope.KIND,) * len(kinds))
        matcher = match(exemplars, [cohort], Rules(rate), Fallback(1.0, 1.0, 1.0))
        tried: dict[str, Tries] = {}
        with (
            ProcessPoolExecutor(processors(), get_context("spawn")) as processes,
            progress("changing references") as advance,
        ):
            changes = {**dict.fromkeys(SINGLE, 1), **dict.fromkeys(TRIPLE, repeats)}
            for done, (name, count) in enumerate(changes.items()):
                advance(done, len(changes))
                tried[name] = tries_of(
                    name, files, count, engine, size, matcher, references, processes
                )
    except NophotoError as error:
        print_error(error)
        raise typer.Exit(1) from error
    facts = machine.facts() | {
        "network": version.id,
        "references": f"{len(files):,}",
        "reaches by": f"a cohort of {len(cohort):,} real pictures at {rate:.1%}",
    }
    if as_json:
        json.dump({"changes": _shares(tried), "facts": facts}, sys.stdout, indent=2)
        return
    _print(_rates(tried), facts)


def _rates(tried: dict[str, Tries]) -> dict[str, tuple[Rate, Rate]]:
    """Of each change, and of all single and all triple ones: found, and nearest to their own."""
    single = [tries for name, tries in tried.items() if name in SINGLE]
    triple = [tries for name, tries in tried.items() if name in TRIPLE]
    rows = {**{name: [tries] for name, tries in tried.items()}, "any one": single}
    return {
        name: (
            Rate(sum(int(t.found.sum()) for t in some), sum(t.found.size for t in some)),
            Rate(sum(int(t.own.sum()) for t in some), sum(t.own.size for t in some)),
        )
        for name, some in {**rows, "any of the last three": triple}.items()
    }


def _shares(tried: dict[str, Tries]) -> dict[str, dict[str, list[int]]]:
    return {
        name: {"found": [found.hits, found.total], "nearest is own": [own.hits, own.total]}
        for name, (found, own) in _rates(tried).items()
    }


def _print(rates: dict[str, tuple[Rate, Rate]], facts: dict[str, str]) -> None:
    from rich.table import Table

    table = Table("Change", "Found (95 % interval)", "Nearest is its own", "Copies")
    for name, (found, own) in rates.items():
        table.add_row(name, share(found), share(own), f"{found.total:,}")
    stdout().print(table)
    for name, value in facts.items():
        stdout().print(f"{name:<12} {value}", soft_wrap=True)


if __name__ == "__main__":
    typer.run(main)
