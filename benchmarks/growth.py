"""How costs grow: with the uploads that are stored, with the references, with worker processes.

`python -m benchmarks.growth` fills PostgreSQL with made rows, as many again for each step, and
measures at every size what happens to new uploads; pictures are not the point there, and their
embeddings are made numbers. `--plot FILE` draws it all on logarithmic axes beside the linear line.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Annotated

import numpy as np
import typer
from sqlalchemy import text

from benchmarks import machine
from benchmarks.corpus import CorpusFolder, take_corpus
from benchmarks.end_to_end import finish
from benchmarks.growth_plot import Plot, draw_growth
from benchmarks.installation import Installation, install
from benchmarks.made_rows import fill, sizes
from benchmarks.spread import Spread
from benchmarks.table import Table, show
from benchmarks.worker_process import run_worker
from nophoto.jobs.cli.rendering.output import print_error, progress
from nophoto.models.errors import NophotoError
from nophoto.models.processors import processors
from nophoto.models.records.lifecycle.uploads import NewUpload, add_uploads
from nophoto.models.records.scoring import claims, embeddings
from nophoto.models.records.scoring.outcomes import Judged, record_outcomes
from nophoto.models.records.scoring.sweep import due
from nophoto.models.records.tables import Lane
from nophoto.models.records.versions import model_versions
from nophoto.models.vision.matching import nearest_references
from nophoto.models.vocabulary import Verdict

_NEW = 2_000
"""Uploads that are taken in and judged at every size."""

_BATCH = 500
_SWEEPS = 5
_CHUNK = 64
_DIMENSION = 128


@dataclass(frozen=True, slots=True)
class AtSize:
    """What uploads cost beside `stored` others.

    Attributes:
        enqueue: seconds to take in one, by batches of some hundreds.
        write: seconds to claim one, to look for its embedding and to write its verdict, by chunks.
        sweep: seconds of the sweep's question, asked several times.
        size: bytes of the database for each upload, indexes, embeddings and history included.
    """

    stored: int
    enqueue: Spread
    write: Spread
    sweep: Spread
    size: float


@dataclass(frozen=True, slots=True)
class AmongReferences:
    """Seconds to compare one upload with `count` references, and bytes of their matrix."""

    count: int
    compare: Spread
    size: int


@dataclass(frozen=True, slots=True)
class OfWorker:
    """Photos/s end to end of a worker with so many processes and threads, and bytes of memory."""

    processes: int
    threads: int
    rate: Spread
    resident: Spread


def with_uploads(installation: Installation, most: int) -> Iterator[AtSize]:
    """Measure at 10³ uploads, 10⁴ and so on up to `most`."""
    installation.forget_uploads()
    with installation.database.reading() as session:
        version = model_versions.active(session)
        assert version is not None
    stored = 0
    for size in sizes(1_000, most):
        fill(installation.database, stored, size, version.id, _DIMENSION)
        yield _at_size(installation, size, version.id)
        stored = size + _NEW


def _at_size(installation: Installation, size: int, version_id: str) -> AtSize:
    database = installation.database
    ids: list[int] = []
    enqueued = []
    for start in range(0, _NEW, _BATCH):
        keys = range(start, min(start + _BATCH, _NEW))
        items = [NewUpload(f"new/{size}/{n}", f"/new/{size}/{n}.jpg") for n in keys]
        started = perf_counter()
        with database.transaction() as session:
            ids += add_uploads(session, items, Lane.BULK).ids
        enqueued.append((perf_counter() - started) / len(items))
    swept = []
    for _ in range(_SWEEPS):
        started = perf_counter()
        with database.transaction() as session:
            due(session, _CHUNK, 60.0, [Lane.BULK])
        swept.append(perf_counter() - started)
    times = []
    rng = np.random.default_rng(size)
    for start in range(0, _NEW, _CHUNK):
        some = ids[start : start + _CHUNK]
        vectors = {rng.bytes(32).hex(): _vector(rng) for _ in some}
        started = perf_counter()
        with database.transaction() as session:
            claim = claims.claim(session, some, 60.0)
        with database.reading() as session:
            embeddings.recall(session, list(vectors), version_id)
        with database.transaction() as session:
            embeddings.remember(session, version_id, vectors)
            judged = [
                Judged(upload.id, digest, Verdict.REAL, False, 0.5, 1)
                for upload, digest in zip(claim.uploads, vectors, strict=True)
            ]
            record_outcomes(session, claim.token, judged, [], version_id, 1)
        times.append((perf_counter() - started) / len(some))
    with database.reading() as session:
        size_now = session.scalar(text("SELECT pg_database_size(current_database())")) or 0
        count = session.scalar(text("SELECT count(*) FROM uploads")) or 1
    return AtSize(size, Spread.of(enqueued), Spread.of(times), Spread.of(swept), size_now / count)


def _vector(rng: np.random.Generator) -> "np.ndarray[tuple[int], np.dtype[np.float16]]":
    vector = rng.normal(size=_DIMENSION)
    return (vector / np.linalg.norm(vector)).astype(np.float16)


def with_references(most: int) -> Iterator[AmongReferences]:
    """Measure beside 10² references, 10³ and so on up to `most`, in chunks of uploads."""
    rng = np.random.default_rng(0)
    uploads = rng.normal(size=(_CHUNK, _DIMENSION)).astype(np.float16)
    for count in sizes(100, most):
        references = rng.normal(size=(count, _DIMENSION)).astype(np.float32)
        times = []
        for _ in range(9):
            started = perf_counter()
            nearest_references(uploads, references)
            times.append((perf_counter() - started) / _CHUNK)
        yield AmongReferences(count, Spread.of(times), references.nbytes)


def with_processes(
    installation: Installation, files: Sequence[Path], rounds: int
) -> Iterator[OfWorker]:
    """Measure one and two processes with one and two threads each, all in turn in every round."""
    ways = ((1, 1), (1, 2), (2, 1), (2, 2))
    rates: dict[tuple[int, int], list[float]] = {way: [] for way in ways}
    peaks: dict[tuple[int, int], list[float]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way in ways:
            changed = dict(zip(("processes", "threads"), way, strict=True))
            settings = installation.settings.model_copy(update=changed)
            tuned = replace(installation, settings=settings)
            tuned.forget_uploads()
            tuned.enqueue(files[:1])
            with run_worker(tuned) as worker:
                finish(tuned, worker)
                started = perf_counter()
                tuned.enqueue(files)
                finish(tuned, worker)
                rates[way].append((len(files) - 1) / (perf_counter() - started))
            peaks[way].append(float(worker.peak))
    for way in ways:
        yield OfWorker(*way, Spread.of(rates[way]), Spread.of(peaks[way]))


def main(
    uploads: Annotated[int, typer.Option(min=1_000, help="Stored, at most.")] = 1_000_000,
    references: Annotated[int, typer.Option(min=100, help="At most.")] = 100_000,
    pictures: Annotated[int, typer.Option(min=64, help="For worker processes.")] = 1_000,
    rounds: Annotated[int, typer.Option(min=1, help="Of those processes.")] = 3,
    corpus: CorpusFolder = None,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw it there.", dir_okay=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")] = False,
) -> None:
    """Measure what an upload costs as uploads, references and worker processes grow."""
    try:
        with progress("measuring") as advance, install(corpus) as installation:
            advance(0, 3)
            stored = list(with_uploads(installation, uploads))
            advance(1, 3)
            compared = list(with_references(references))
            advance(2, 3)
            files = take_corpus(corpus, installation.folder, pictures, fewest=64)
            workers = list(with_processes(installation, files, rounds))
    except NophotoError as error:
        print_error(error)
        raise typer.Exit(1) from error
    if plot:
        draw_growth(plots_of(stored, compared, workers), plot)
    show(tables_of(stored, compared, workers), machine.facts(), as_json=as_json)


def plots_of(
    stored: Sequence[AtSize], compared: Sequence[AmongReferences], workers: Sequence[OfWorker]
) -> list[Plot]:
    """What is drawn of it all."""
    counts = [at.stored for at in stored]
    threads = sorted({each.threads for each in workers})
    return [
        Plot(
            "uploads stored",
            "µs for one upload",
            {
                "enqueue": (counts, [at.enqueue.median * 1e6 for at in stored]),
                "claim, recall, write": (counts, [at.write.median * 1e6 for at in stored]),
            },
        ),
        Plot(
            "references",
            "µs for one upload",
            {
                "compare": (
                    [at.count for at in compared],
                    [at.compare.median * 1e6 for at in compared],
                )
            },
        ),
        Plot(
            "worker processes",
            "photos/s end to end",
            {
                f"{count} threads each" if count > 1 else "one thread each": (
                    [each.processes for each in workers if each.threads == count],
                    [each.rate.median for each in workers if each.threads == count],
                )
                for count in threads
            },
        ),
    ]


def tables_of(
    stored: Sequence[AtSize], compared: Sequence[AmongReferences], workers: Sequence[OfWorker]
) -> list[Table]:
    """What is printed of it all."""
    return [
        Table(
            "One upload beside those that are stored, PostgreSQL, median (lowest–highest)",
            ("Stored", "Enqueue, µs", "Claim, recall, write, µs", "Sweep, ms", "Bytes an upload"),
            [
                (
                    f"{at.stored:,}",
                    at.enqueue.shown("{:.0f}", 1e-6),
                    at.write.shown("{:.0f}", 1e-6),
                    at.sweep.shown("{:.1f}", 1e-3),
                    f"{at.size:,.0f}",
                )
                for at in stored
            ],
            ("Of batches, chunks and questions one after the other.",),
        ),
        Table(
            "One upload beside the reference set, 128 dimensions, in chunks of 64",
            ("References", "Compare, µs, median (lowest–highest)", "Matrix, MB"),
            [
                (f"{at.count:,}", at.compare.shown("{:.1f}", 1e-6), f"{at.size / 1e6:.1f}")
                for at in compared
            ],
        ),
        Table(
            f"Processes x threads of one worker, {processors()} processors, median "
            "(lowest–highest)",
            ("Processes x threads", "Photos/s end to end", "Resident, MB"),
            [
                (
                    f"{each.processes} x {each.threads}",
                    each.rate.shown(),
                    each.resident.shown("{:.0f}", 1e6),
                )
                for each in workers
            ],
        ),
    ]


if __name__ == "__main__":
    typer.run(main)
